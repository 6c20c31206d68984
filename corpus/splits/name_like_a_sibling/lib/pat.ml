include Core
module Flat = Flat
