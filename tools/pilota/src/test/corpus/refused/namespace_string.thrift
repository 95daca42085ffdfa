namespace java "com.example"
