let level = 1
let name = "low"
