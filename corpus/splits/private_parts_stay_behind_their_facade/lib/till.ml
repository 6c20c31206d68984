let change paid price = paid - price
let is_enough paid price = paid >= price
