let lines : string list ref = ref []
let add line = lines := line :: !lines
