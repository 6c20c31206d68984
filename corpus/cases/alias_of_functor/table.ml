module Make = Maker.Make
