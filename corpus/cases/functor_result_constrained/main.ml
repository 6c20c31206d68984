module B = By_binding.Q
module N = By_neighbour.Q
module A = By_argument.Q
module P = Plain.Q

let () = print_int (A.x By_local_open.v)
