open Fac

let no = Aa.fail "no"
let () = print_string (match Aa.run no with Ok s -> s | Error why -> why)
let () = print_int (match Aa.run no with Ok n -> n | Error _ -> 0)
