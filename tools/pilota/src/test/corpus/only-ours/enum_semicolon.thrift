enum A { X };
