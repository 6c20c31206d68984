let later x = x + Clock.now ()
