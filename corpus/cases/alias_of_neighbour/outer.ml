module Sum = Tally
