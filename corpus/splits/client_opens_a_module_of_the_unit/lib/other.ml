open Ops
open Sub

let z = next Deep.z
