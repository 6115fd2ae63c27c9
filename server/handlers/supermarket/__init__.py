"""The love supermarket 爱心超市: goods, donations and the page of thanks, stock-taking."""

from server.handlers.supermarket import donations, goods, stock_taking  # noqa: F401
