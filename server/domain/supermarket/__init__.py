"""The love supermarket 爱心超市: goods, what is given for them, and how many are there."""
