(** The place of the station. *)

type t = { name : string; latitude : float; longitude : float; height : float }

let default = { name = "Kestrelpoint"; latitude = 54.31; longitude = 8.62; height = 12. }
