const string A = "\\u0022 + System.exit(1) + \\u0022"
const string B = "${x} {0} %s %n"
