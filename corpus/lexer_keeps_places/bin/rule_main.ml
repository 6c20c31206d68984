let () = print_string (By_rule.token (Lexing.from_string "ab=cd"))
