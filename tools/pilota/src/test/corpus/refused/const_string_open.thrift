const string G = "one
