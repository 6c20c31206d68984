type t = int list

let make first second = [ first; second ]
let append t last = t @ [ last ]
let to_list t = t
