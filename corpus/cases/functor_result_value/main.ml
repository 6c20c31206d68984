let () = print_int (Applied.M.twice + Applied.M.Inner.thrice)
