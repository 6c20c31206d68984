let of_int n = 8 * n
