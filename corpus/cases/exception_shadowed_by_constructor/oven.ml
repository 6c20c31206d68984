type t = Fire of int | Cold
