%{ let add a b = Util.id (a + b) %}
%token <Util.Count.t> INT
%token PLUS EOF
%start main
%type <int> main
%%
main: sum EOF { $1 + Util.two }
sum: INT { $1 } | sum PLUS INT { add $1 $3 }
