module Width = Textkit_width
module Table = Textkit_table
module Wrap = Textkit_wrap
module Chart = Textkit_chart
module Distance = Textkit_distance
module Numerals = Textkit_numerals

let version = "1.2"
