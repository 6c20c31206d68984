module X = Part
module Y = Part.Sub
