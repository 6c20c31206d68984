(* The library: its parts by name, and what everybody wants. *)

module Text = DepotText
module Ledger = DepotLedger
module Day = DepotDay
module Report = DepotReport
module Reader = DepotReader
module Shelf = DepotShelf

let version = "2.4"
let ( %> ) f g x = g (f x)
let clamp low high x = max low (min high x)
