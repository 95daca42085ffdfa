const string G = "bell \a"
