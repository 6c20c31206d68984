let show = string_of_int
