let () = print_endline (Paint.text "x")
