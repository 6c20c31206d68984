type 'a pair = 'a * 'a

include
  S.ITEMS
    with (* of two *)
      type 'a many = 'a pair

val table : int -> string array
