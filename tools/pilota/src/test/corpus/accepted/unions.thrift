union U { 1: i32 a, 2: string b; 3: list<U> c, 4: optional bool d, 5: U e }
union Empty {}
