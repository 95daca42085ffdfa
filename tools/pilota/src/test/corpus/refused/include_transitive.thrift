include "folder/inner.thrift"
struct A { 1: deepest.Deep d }
