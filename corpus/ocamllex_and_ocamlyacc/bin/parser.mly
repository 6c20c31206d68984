%token <int> NUMBER
%token PLUS END
%start sum
%type <int> sum
%%
sum:
    terms END { $1 }
;
terms:
    NUMBER            { $1 }
  | terms PLUS NUMBER { Calculator.add $1 $3 }
;
