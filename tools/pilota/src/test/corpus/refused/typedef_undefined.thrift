typedef Nothing T
struct A { 1: T t }
