const i16 B = 70000
