module rec Even : sig val is : int -> bool end = struct let is n = n = 0 || Odd.is (n - 1) end
and Odd : sig val is : int -> bool end = struct let is n = n > 0 && Even.is (n - 1) end
let () = print_string (string_of_bool (Even.is 10))
