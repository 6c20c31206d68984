let days n = 86400 * n
