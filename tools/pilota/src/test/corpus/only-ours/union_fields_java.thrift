union U { 1: i32 value, 2: i32 codec, 3: string object, 4: list<i32> list, 5: i32 u }
