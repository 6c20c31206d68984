/* ocamlyacc: } comments { of C */
%{
open Printf
let debug text = eprintf "%s }" text (* %} *)
%}

%token <int> NUMBER
%token <string * char list> NAME
%token PLUS LEFT RIGHT END
%left PLUS
%start main list
%type <int> main
%type <(int -> unit) list> list
%%

main:
  | sum END { $1 }
  | error { debug "{"; raise Parsing.Parse_error }
;
sum:
    NUMBER { $1 }
  | NAME { List.length (snd $1) + Char.code '}' }
  | sum PLUS sum %prec PLUS { (* $9 } *) $1 + $3 }
  | LEFT sum RIGHT { ignore "$4"; ignore (symbol_start_pos ()); $2 }
;
list:
    END { [] }
  | NUMBER list { (fun n -> print_int (n + $1)) :: $2 }
;
%%
let parse lexer text = main lexer (Lexing.from_string text)
