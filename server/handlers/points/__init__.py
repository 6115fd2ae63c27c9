"""Points 积分: rules, community deeds, public notices with objections, expiry."""

from server.handlers.points import deeds, notices, objections, rules  # noqa: F401
