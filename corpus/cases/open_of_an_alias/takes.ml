open Shelf.Box

let twice = 2 * Lid.width
