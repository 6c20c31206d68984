module Make (X : Shape.S) = struct let area = 2 * X.area end
