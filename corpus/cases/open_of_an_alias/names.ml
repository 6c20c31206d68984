open Shelf.Box
module Cover = Lid
