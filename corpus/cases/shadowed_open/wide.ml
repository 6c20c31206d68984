let width = 80
let height = 1
