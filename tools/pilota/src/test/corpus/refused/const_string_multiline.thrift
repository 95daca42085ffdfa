const string G = "one
two"
