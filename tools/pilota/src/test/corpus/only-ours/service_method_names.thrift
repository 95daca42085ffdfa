service S { void class(), void notify(), void wait(1: i64 timeout), void hashCode(), void toString(), void with(), void of() }
