const i32 A = NOWHERE
