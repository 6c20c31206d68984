let word = ['a'-'z']+ as key

rule token = parse
  | word '=' (['a'-'z']+ as value) { key ^ value }
  | eof { "" }
