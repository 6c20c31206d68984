let quote = Str.quote
