type 'a located = 'a * int
type name = string located

module Show = struct
  let one ((text, at) : name) = Printf.sprintf "%s at %d" text at
  let all names = String.concat "; " (List.map one names)
end

module Get = struct
  let text ((text, _) : name) = text
  let place ((_, at) : 'a located) = at
end
