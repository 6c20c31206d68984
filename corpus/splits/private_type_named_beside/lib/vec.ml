module A = A
module B = B
