service T { void b() }
struct S { 1: T t }
