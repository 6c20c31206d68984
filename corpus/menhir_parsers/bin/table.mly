%token <int> NUMBER
%token PLUS END
%left PLUS
%start <Syntax.Ast.t> main
%%
main: e = sum; END { e }
sum:
  | n = NUMBER { Syntax.Ast.number n }
  | a = sum; PLUS; b = sum { ignore ($startpos(a)); Syntax.Sums.sum a b }
