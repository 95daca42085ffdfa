enum E { A | B }
