(* packages: *)
(* Sequences, lazy values, arrays and big loops. *)

let rec sieve numbers () =
  match numbers () with
  | Seq.Nil -> Seq.Nil
  | Seq.Cons (prime, rest) -> Seq.Cons (prime, sieve (Seq.filter (fun n -> n mod prime <> 0) rest))

let rec from n () = Seq.Cons (n, from (n + 1))

let rec take n seq =
  if n = 0 then [] else match seq () with Seq.Nil -> [] | Seq.Cons (x, rest) -> x :: take (n - 1) rest

let primes = lazy (Array.of_list (take 200 (sieve (from 2))))

let () =
  let primes = Lazy.force primes in
  let random = Random.State.make [| 42 |] in
  let at = Random.State.int random (Array.length primes) in
  print_endline (string_of_int primes.(at));
  Array.stable_sort (fun a b -> compare b a) primes;
  print_endline (String.concat " " (List.map string_of_int (Array.to_list (Array.sub primes 0 5))))
