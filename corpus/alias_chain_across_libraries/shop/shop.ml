module Numbers = Numbers
let name = "shop"
