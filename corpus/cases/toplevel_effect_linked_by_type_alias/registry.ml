let names = ref [ "built in" ]
let add name = names := name :: !names
let all () = !names
