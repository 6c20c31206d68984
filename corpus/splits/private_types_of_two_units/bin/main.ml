open Vec

let () = print_int (User.next (Size.make 3) + User.count (Size.many 4) + User.code Size.row)
