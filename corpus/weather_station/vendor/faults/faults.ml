(* Exceptions of the station's programs, and how they are shown. *)

exception Bad_record of { line : int; text : string }
exception Sensor_silent of { sensor : string; since : string }

(* "2024-02-28 23:30" as people write it on a fault sheet. *)
let readable stamp =
  try Scanf.sscanf stamp "%d-%d-%d %d:%d" (fun year month day hour minute -> Printf.sprintf "%d.%d.%d at %d:%02d" day month year hour minute)
  with Scanf.Scan_failure _ | Failure _ | End_of_file -> stamp

let () =
  Printexc.register_printer (function
    | Bad_record { line; text } -> Some (Printf.sprintf "record %d cannot be read: %S" line text)
    | Sensor_silent { sensor; since } -> Some (Printf.sprintf "%s has been silent since %s" sensor (readable since))
    | _ -> None)
