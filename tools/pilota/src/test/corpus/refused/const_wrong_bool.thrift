const bool S = "true"
