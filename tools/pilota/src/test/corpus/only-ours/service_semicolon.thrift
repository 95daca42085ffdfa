service A { void a() };
