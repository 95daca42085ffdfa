namespace java io.volare.pilota.tests.shared

/** What a thing is worth. */
struct Money {
  1: required string currency
  2: required i64 cents
}

enum Color { RED = 1, GREEN = 2, BLUE = 0x10 }

exception NotFound {
  1: string id,
  2: optional string message
}

service Base {
  /** Says that it is there. */
  string ping(1: string text) (idempotent = "true")
}
