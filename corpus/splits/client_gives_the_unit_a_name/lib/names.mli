module O = Ops
module Sub = Ops.Sub
module Inner = Ops.Sub

val three : int
