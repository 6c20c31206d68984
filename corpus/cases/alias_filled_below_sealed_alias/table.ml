module Sum = Tally

let one = 1
