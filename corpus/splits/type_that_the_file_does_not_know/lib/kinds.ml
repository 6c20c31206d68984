type phase = First | Second
