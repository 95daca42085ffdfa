const double A = 1.5
const double B = -1.5e10
const double C = .5
const double D = 1e3
const double E = 3
const double F = +2.5E-3
const double G = -0.0
const double I = 0x10
