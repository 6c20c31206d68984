module Part = struct
  let add n = n + 1
end

module Same = Part
