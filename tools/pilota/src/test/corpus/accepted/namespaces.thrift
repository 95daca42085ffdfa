namespace * any.where
namespace java com.example.ns
namespace py example.ns
namespace cpp example.ns
namespace go example.ns
namespace rs example.ns
namespace netstd Example.Ns
namespace c_glib Ex
namespace smalltalk.category Ex
namespace java.swift com.example.swift
namespace php Ex (a = "b")
namespace unheardof x.y
struct A { 1: i32 a }
