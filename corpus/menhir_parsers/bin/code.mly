%{ open Syntax %}
%token <int> NUMBER
%token PLUS END
%left PLUS
%start <Syntax.Ast.t> main
%start <string> names
%%
main: e = sum; END { e }
sum:
  | n = NUMBER { Ast.number n }
  | a = sum; PLUS; b = sum { Sums.sum a b }
names: all = rev(list(NUMBER)); END { Lists.first (all |> Stdlib.List.map string_of_int) }
