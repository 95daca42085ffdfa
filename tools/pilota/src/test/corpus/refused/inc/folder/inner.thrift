include "deepest.thrift"
struct Inner { 1: deepest.Deep d }
