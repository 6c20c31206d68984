ocamlbuild -quiet -use-ocamlfind bin/main.native
