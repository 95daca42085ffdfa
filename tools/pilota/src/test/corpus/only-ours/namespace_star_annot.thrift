namespace * a.b (x = "y")
