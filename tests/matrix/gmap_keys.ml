(* packages: gmap *)
(* A typed map over a closed set of keys. *)

type _ key = Name : string key | Age : int key

module Key = struct
  type 'a t = 'a key

  let compare : type a b. a t -> b t -> (a, b) Gmap.Order.t =
   fun a b ->
    match (a, b) with
    | Name, Name -> Eq
    | Name, Age -> Lt
    | Age, Name -> Gt
    | Age, Age -> Eq
end

module Map = Gmap.Make (Key)

let () =
  let person = Map.add Age 36 (Map.singleton Name "ada") in
  print_endline (Map.get Name person ^ " " ^ string_of_int (Map.get Age person))
