let litres = 2
let name = "kettle"
