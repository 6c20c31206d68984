include Tally

let one = 1
