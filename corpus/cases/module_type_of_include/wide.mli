include module type of struct
  include Tally
end

val one : int
