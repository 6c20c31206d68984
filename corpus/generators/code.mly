(* menhir: } comments { *)
%{
  open Printf
  let debug text = eprintf "%s" text
%}

%token <int> NUMBER "1"
%token <string> NAME
%token PLUS "+" COMMA LEFT "(" RIGHT ")" END [@deprecated "}"]
%left "+"
%start <int> main
%start names
%type <string list> names
%type <unit> unused
%on_error_reduce sum
%%

// A rule with names, an inlined one, one with parameters.
main: n = sum; END { n }

sum [@name "}"]:
  | NUMBER { $1 }
  | a = sum; plus; b = sum { if $startpos(a) = $endpos then debug "{"; ignore $loc(b); a + b }
  | delimited("(", n = sum { succ n }, ")") { $1 }
  | _n = NAME { Hashtbl.hash _n }

%inline plus: PLUS { ignore $symbolstartpos }

%public couple(X, Y): x = X; COMMA; y = Y { (x, Printf.sprintf "%s" y) }

names:
  | xs = rev(list(NAME)); END { xs }
  | p = couple(NUMBER, NAME); END { ignore (fst p : int); [String.concat "}" [snd p]] }
  | xs = append(list(NAME), separated_list(COMMA, NAME)); PLUS { xs }

unused: END { () }
%%
let trailer = List.map
