module rec M : sig val d : Part.data val h : (Part.hidden * int) list end = struct let d = Part.d let h = [] end
let v = M.d
