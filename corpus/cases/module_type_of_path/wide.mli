include module type of Tally
