include Types

let four = RV.double 2
let eight : RV.t = RV.double four
let all = [ RV.double 1; RV.double 2; RV.double 3; RV.double eight ]
let ok (x : RV.t) = RV.double x = 4
