const binary B = "bytes"
