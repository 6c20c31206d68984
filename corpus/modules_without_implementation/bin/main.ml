module P : Shop.Kinds.PRICED = struct let price = 3 end
let item : Shop.Kinds.item = { name = "tea"; price = P.price }
let () = print_endline item.Shop.Kinds.name
