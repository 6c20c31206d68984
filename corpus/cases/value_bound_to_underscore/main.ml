let _ = Tally.add
