struct A { 1: uuid u }
