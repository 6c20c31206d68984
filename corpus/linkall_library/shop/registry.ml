let names : string list ref = ref []
let add name = names := name :: !names
let all () = !names
