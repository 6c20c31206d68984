module Part = Box.Part
