let () = print_string (Kept.token (Lexing.from_string "ab=cd"))
