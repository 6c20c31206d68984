let id x = x

module Types = struct
  type t = int
end

module Names = struct
  let show x = Printf.sprintf "%d %s" x (String.make x 'x')
  let read s = Scanf.sscanf s "%d" (fun x -> x)
end
