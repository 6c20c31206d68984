(* What can be converted. *)

type t = Temperature | Speed | Pressure

let of_string = function
  | "temperature" -> Some Temperature
  | "speed" -> Some Speed
  | "pressure" -> Some Pressure
  | _ -> None

let all = [ ("temperature", Temperature); ("speed", Speed); ("pressure", Pressure) ]
