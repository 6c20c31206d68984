let of_int n = n
