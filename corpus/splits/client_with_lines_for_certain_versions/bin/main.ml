let () = print_int (Between.twice 3 + Between.more 4)
