"""The love supermarket 爱心超市: endpoints for goods, donations, the page of thanks, and stock-taking."""

from server.handlers.supermarket import donations, goods, stock_taking  # noqa: F401
