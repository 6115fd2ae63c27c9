"""Points 积分: rules, community deeds, public notices with objections, expiry."""

from server.handlers.points import deeds, earning_rules, objections, public_notices  # noqa: F401
