exception Broken of int
