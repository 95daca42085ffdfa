const bool FIVE = 5
