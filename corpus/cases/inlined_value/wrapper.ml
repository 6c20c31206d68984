let[@inline] bump n = Tally.add n
