struct Tree { 1: i32 value, 2: list<Tree> children, 3: optional Tree left }
