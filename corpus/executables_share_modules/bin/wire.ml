let encode text = string_of_int (String.length text) ^ ":" ^ text
