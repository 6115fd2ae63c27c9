"""Points 积分: rules, community deeds, public notices with objections, expiry."""

from server.handlers.points import deeds, public_notices, objections, earning_rules  # noqa: F401
