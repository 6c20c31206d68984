let minutes n = 60 * n
