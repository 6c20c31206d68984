let two = 2
let () = Log.add "u"
let show x = Printf.sprintf "%d %s" (x + B.one) (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> x)
