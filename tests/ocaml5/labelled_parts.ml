(* packages: *)
(* A module type, a first-class module, a local open and lazy values. *)

module type Shape = sig
  val name : string
  val area : float Lazy.t
end

let square side : (module Shape) =
  (module struct
    let name = "square"
    let area = lazy Float.(mul side side)
  end)

let () =
  let (module S : Shape) = square 2. in
  Format.printf "%s: %g@." S.name (Lazy.force S.area)
