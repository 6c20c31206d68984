module Sum = Tally

let count = 3
