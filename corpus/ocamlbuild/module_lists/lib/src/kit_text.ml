let shout text = Kit_lexer.first (Lexing.from_string (String.uppercase_ascii text))
