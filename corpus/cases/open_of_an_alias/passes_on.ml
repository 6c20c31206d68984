open Shelf.Box

let digest_with = digest
