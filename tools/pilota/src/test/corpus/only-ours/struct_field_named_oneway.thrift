struct A { 1: bool oneway, 2: bool async, 3: bool include }
