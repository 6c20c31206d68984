let add = Tally.add
