include "folder/inner.thrift"
struct A { 1: inner.Inner i }
