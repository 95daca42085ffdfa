struct A { 1: elsewhere.Point p }
