type 'a t = 'a list
let create () = []
let length = List.length
