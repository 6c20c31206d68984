(* One of each: what the compilers write for it is in the object files beside this one. *)
let twice f x = f (f x)
let rec length n = function [] -> n | _ :: rest -> length (n + 1) rest
let primes = [| 2; 3; 5; 7 |]
let greeting = "hello"
let pair x = (x, greeting)
let name = function 0 -> "zero" | 1 -> "one" | 2 -> "two" | 3 -> "three" | 4 -> "four" | _ -> "many"
exception Empty of string
let first = function [] -> raise (Empty "first") | x :: _ -> x
let table : (string, int) Hashtbl.t = Hashtbl.create 17
let area r = 3.5 *. r *. r
module Inner = struct
  let apply f = twice (fun y -> f (length y [])) 1
  let later = lazy (length 0 (Array.to_list primes))
end
class counter = object val mutable n = 0 method incr = n <- n + 1 method get = n end
let () = Hashtbl.replace table (name 3) (List.length [ pair 1 ])
