struct A { 1: Nowhere a }
