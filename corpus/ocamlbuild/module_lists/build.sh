ocamlbuild -quiet -use-ocamlfind lib/kit.cmxa bin/main.native
