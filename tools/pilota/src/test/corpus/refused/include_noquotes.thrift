include shared.thrift
