module Sub = struct
  module Deep = struct
    let z = 3
  end

  let next x = x + 1
end

let id x = x
let show x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> x)
