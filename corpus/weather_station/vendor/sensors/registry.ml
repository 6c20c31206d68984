(* The drivers that were linked, by the name of what they measure. *)

type driver = {
  quantity : string;
  unit : string;
  minimum : float;
  maximum : float;
  convert : float -> float;
  self_test : unit -> (string, string) result;
}

let drivers : (string, driver) Hashtbl.t = Hashtbl.create 16
let register driver = Hashtbl.replace drivers driver.quantity driver
let find quantity = Hashtbl.find_opt drivers quantity
let quantities () = List.sort String.compare (Hashtbl.fold (fun name _ names -> name :: names) drivers [])

let read quantity raw =
  match find quantity with
  | None -> Error ("no driver for " ^ quantity)
  | Some driver ->
      let value = driver.convert raw in
      if Float.is_nan value || value < driver.minimum || value > driver.maximum then
        Error (Printf.sprintf "%s: %g %s is out of range" quantity value driver.unit)
      else Ok value

let in_range driver value = value >= driver.minimum && value <= driver.maximum
