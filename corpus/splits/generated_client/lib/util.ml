let id x = x
let two = 2

module Count = struct
  type t = int
end

let show x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> x)
