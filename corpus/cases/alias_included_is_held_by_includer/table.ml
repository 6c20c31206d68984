module Sum = Inner.Sum

let one = 1
