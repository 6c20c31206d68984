module O = Ops
module Sub = Ops.Sub
module Inner = O.Sub

let three = O.id 3
