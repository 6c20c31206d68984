(* convert 20 C F: the value in another unit. With a list, also its mean. *)

open Metkit

let to_base (unit : Catalogue.unit_) x = match unit.symbol with
  | "F" -> Thermo.of_fahrenheit x
  | "K" -> Thermo.of_kelvin x
  | "kt" -> Wind.of_knots x
  | "km/h" -> Wind.of_kmh x
  | "inHg" -> Pressure.of_inches_of_mercury x
  | "mmHg" -> Pressure.of_millimetres_of_mercury x
  | _ -> x

let of_base (unit : Catalogue.unit_) x = match unit.symbol with
  | "F" -> Thermo.to_fahrenheit x
  | "K" -> Thermo.to_kelvin x
  | "kt" -> Wind.to_knots x
  | "km/h" -> Wind.to_kmh x
  | "inHg" -> Pressure.to_inches_of_mercury x
  | "mmHg" -> Pressure.to_millimetres_of_mercury x
  | _ -> x

let convert numbers (from : Catalogue.unit_) (into : Catalogue.unit_) =
  if from.quantity <> into.quantity then prerr_endline (from.name ^ " cannot become " ^ into.name)
  else begin
    let converted = List.map (fun x -> of_base into (to_base from x)) numbers in
    List.iter (fun x -> Printf.printf "%.2f %s\n" x into.symbol) converted;
    if List.length converted > 1 then Printf.printf "mean %.2f %s\n" (Numerix.mean (Array.of_list converted)) into.symbol
  end

let () =
  match Array.to_list Sys.argv with
  | [ _; numbers; from; into ] -> (
      let fields = List.concat (Jot.Csv.rows numbers) in
      match (List.map float_of_string_opt fields, Catalogue.find from, Catalogue.find into) with
      | numbers, Some from, Some into when List.for_all Option.is_some numbers -> convert (List.filter_map Fun.id numbers) from into
      | _ -> prerr_endline "convert: a number and two units, please")
  | _ ->
      let names = List.map (fun (unit : Catalogue.unit_) -> unit.name ^ " (" ^ unit.symbol ^ ")") Catalogue.units in
      prerr_endline ("usage: convert NUMBER[,NUMBER...] FROM INTO\nunits: " ^ String.concat ", " names)
