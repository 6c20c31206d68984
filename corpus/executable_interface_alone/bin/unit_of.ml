type t = Metre | Inch

let all = List.rev [ Inch; Metre ]
