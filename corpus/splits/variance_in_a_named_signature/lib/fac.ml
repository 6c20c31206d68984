module Aa = Aa
module Bb = Bb
