let text s = s
