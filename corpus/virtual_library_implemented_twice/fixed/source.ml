let hour = 12
