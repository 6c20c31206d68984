let twice = 2 * Last.once
