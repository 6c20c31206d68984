set -e
cd src
for module in alpha beta; do ocamlfind ocamlopt -package unix -for-pack Core -c $module.ml; done
ocamlfind ocamlopt -pack -o core.cmx alpha.cmx beta.cmx
ocamlfind ocamlopt -c used.ml
ocamlfind ocamlopt -package str -c unused.ml
ocamlfind ocamlopt -a -o kit.cmxa core.cmx used.cmx unused.cmx
cd ..
ocamlfind ocamlopt -package unix,str -linkpkg -I src src/kit.cmxa test/main.ml -o main.native
