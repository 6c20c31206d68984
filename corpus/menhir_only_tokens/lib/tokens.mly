%token <int> INT
%token PLUS EOF
%%
