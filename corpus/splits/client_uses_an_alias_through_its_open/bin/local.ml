let () = print_endline (let open Flat in B.shown (small 3))
