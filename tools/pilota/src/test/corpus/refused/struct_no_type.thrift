struct A { 1: a }
