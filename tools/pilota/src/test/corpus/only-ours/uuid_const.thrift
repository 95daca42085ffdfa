const uuid U = "00112233-4455-6677-8899-aabbccddeeff"
