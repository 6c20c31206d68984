let ( .%() ) a i = a.(i) * 10
let make () = [| 1; 2 |]
