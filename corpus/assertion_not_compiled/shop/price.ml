let is_fair n = n < 100
