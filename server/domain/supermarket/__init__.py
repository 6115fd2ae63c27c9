"""The love supermarket 爱心超市: goods, donations and stock."""
