let nobody = Last.once
