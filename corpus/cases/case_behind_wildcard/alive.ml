let v = 2
exception Stop
