type answer = int
let table = Array.make 16 'x'
