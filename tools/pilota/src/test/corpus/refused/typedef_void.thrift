typedef void A
