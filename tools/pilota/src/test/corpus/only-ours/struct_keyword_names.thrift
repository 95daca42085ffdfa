struct class { 1: i32 package, 2: string import, 3: i32 default, 4: bool native }
