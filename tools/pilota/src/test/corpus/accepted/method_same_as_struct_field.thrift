struct get { 1: i32 a }
service S { get get(1: get get) }
