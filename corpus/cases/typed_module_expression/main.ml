module type All = sig
  include Includes.S
  module Named : Names.S
  module Sealed : Seals.S
  module Plain : Plain.S
  module Applied : Applies.S
  module Substituted : Substituted.S
  module Replaced : Replaced.S
  module Narrowed : Narrows.S
end

let () = print_endline "typed"
