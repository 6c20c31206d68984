open Shelf.Box
module Cover : sig val width : int end = Lid
