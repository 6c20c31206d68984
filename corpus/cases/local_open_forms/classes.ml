class bench = let open Paint in object method colour = red end
class type shown = let open Paint in object inherit painted method shown : colour end
class stool c = let open Types_only in let open Paint in object (self : #painted)
  method kind (x : t) = match x with A -> true | B -> false
  method colour : colour = c
  method both = self#colour
end
