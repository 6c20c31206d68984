let hours n = 3600 * n
