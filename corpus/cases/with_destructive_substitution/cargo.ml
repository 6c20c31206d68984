type t = string
module Label = struct let text = "cargo" end
