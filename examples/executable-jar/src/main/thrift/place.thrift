namespace java io.volare.examples.executablejar.idl

service Place {
  string answered()
}
