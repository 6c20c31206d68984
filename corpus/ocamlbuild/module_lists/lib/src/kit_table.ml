let words text = Str.split (Str.regexp " ") text
