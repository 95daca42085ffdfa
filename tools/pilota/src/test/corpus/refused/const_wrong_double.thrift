const double S = "x"
