const string G = "äöü € 𝄞"
