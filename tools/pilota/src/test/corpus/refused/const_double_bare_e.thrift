const double H = e5
