open Shelf.Box
include Lid
