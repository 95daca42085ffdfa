const double H = 2.
