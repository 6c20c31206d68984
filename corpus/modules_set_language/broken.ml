let x : int = "left out"
