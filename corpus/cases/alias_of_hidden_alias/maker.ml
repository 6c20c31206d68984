open struct
  module Sum = Tally
end

module Part = Sum
