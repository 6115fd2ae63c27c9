"""Points 积分: endpoints for rules, community deeds, public notices, objections and expiry."""

from server.handlers.points import deeds, earning_rules, objections, public_notices  # noqa: F401
