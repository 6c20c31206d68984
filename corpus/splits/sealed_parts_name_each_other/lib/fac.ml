module Aa = Aa
module Bb = Bb
module Cc = Cc
