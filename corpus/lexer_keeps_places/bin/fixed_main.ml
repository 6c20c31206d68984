let () = print_string (Fixed.token (Lexing.from_string "ab=cd"))
