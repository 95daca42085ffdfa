exception Failed { 1: string message, 2: i32 cause, 3: string stackTrace, 4: list<string> suppressed, 5: string localizedMessage }
