(* packages: *)
(* Classes, exceptions and a functor of the standard library. *)

module Names = Map.Make (String)

exception Overdrawn of string * int

let () =
  Printexc.register_printer (function
    | Overdrawn (who, by) -> Some (Format.asprintf "%s is overdrawn by %d" who by)
    | _ -> None)

class account owner = object (self)
  val mutable balance = 0
  method owner : string = owner
  method balance = balance
  method deposit n = balance <- balance + n
  method withdraw n =
    if n > self#balance then raise (Overdrawn (owner, n - balance));
    balance <- balance - n
end

let () =
  let accounts =
    List.fold_left (fun all name -> Names.add name (new account name) all) Names.empty [ "ada"; "bob" ]
  in
  Names.iter (fun _ account -> account#deposit (String.length account#owner * 10)) accounts;
  try (Names.find "ada" accounts)#withdraw 31 with
  | Overdrawn _ as error -> prerr_endline (Printexc.to_string error)
  | Not_found -> prerr_endline "no such account"
