include module type of struct
  include List
end

val show : int list -> string
