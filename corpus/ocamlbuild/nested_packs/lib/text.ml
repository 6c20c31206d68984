let shout text = String.uppercase_ascii text ^ Table.rule 3
