type t = On of int | Shut
