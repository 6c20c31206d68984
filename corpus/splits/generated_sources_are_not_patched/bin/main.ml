let () = print_int (Lex.small 1)
