%{ let origin = Lexing.dummy_pos let joined (a, b) = a ^ b %}
%token <string> ID
%token ARROW LPAREN RPAREN EOF
%start <Format.formatter -> unit> main
%%

let main :=
  | ~ = arrow; EOF; { fun ppf -> Format.pp_print_string ppf arrow }
  | EOF; { fun ppf -> Format.pp_print_newline ppf () }

let arrow :=
  | a = atom; ARROW; b = arrow; < joined >
  | atom

let atom ==
  | ~ = ID; <>
  | LPAREN; (x, y) = both; RPAREN; { x ^ y ^ Filename.basename "{" }

let both := x = ID; y = ID; { ignore $sloc; (x, y) }
%%
