module Sum = Inner.Sum
