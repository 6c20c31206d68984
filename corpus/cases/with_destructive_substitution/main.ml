module Here : Bay.S with type t := Cargo.t and module Label := Cargo.Label = struct let hold (c : string) = print_string c end
let () = Here.hold "tea"
