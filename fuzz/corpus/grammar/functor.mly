%parameter <Kind : sig type t val make : int -> t end>
%parameter <Log : sig val say : string -> unit end>
%token <int> NUMBER
%token END
%start <Kind.t> main
%{ let seen = Hashtbl.create 7 %}
%%
main: n = NUMBER; END { Log.say "n"; Hashtbl.replace seen n (); Kind.make n }
