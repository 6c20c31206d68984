open Kettle
open! Pan
let () = print_int litres; print_string name
