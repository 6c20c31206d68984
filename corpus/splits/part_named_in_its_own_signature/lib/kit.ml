module Table = Kit_table
module Chart = Kit_chart
