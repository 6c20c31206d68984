let shown x = string_of_int x
