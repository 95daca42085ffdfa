const void A = 5
