%start <int> sum
%%
sum:
| n = INT EOF { n }
| n = INT PLUS rest = sum { n + rest }
