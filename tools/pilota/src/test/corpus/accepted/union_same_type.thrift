union U { 1: i32 a, 2: i32 b, 3: string string_value }
