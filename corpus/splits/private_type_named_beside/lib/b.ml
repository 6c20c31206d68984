type u = A.p list

let show (u : u) = String.concat "," (List.map (Printf.sprintf "%d") (A.t.A.at :: u))
let read s = Scanf.sscanf s "%d" (fun x -> x)
