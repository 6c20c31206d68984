let loud = String.uppercase_ascii
