exception X { 1: string message, 2: i32 code }
exception Y {}
exception Z { 1: required string why, 2: optional Z inner } (fatal = "true")
