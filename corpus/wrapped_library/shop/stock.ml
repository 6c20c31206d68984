let shelves = Array.make 8 0
let fill i n = shelves.(i) <- shelves.(i) + n
