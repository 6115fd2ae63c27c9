"""Activities 活动: the public list and pages, and the station's work on them."""

from server.handlers.activities import (  # noqa: F401
    calendar,
    copies,
    drafts,
    figures,
    lifecycle,
    poster,
    posts,
    public,
    ratings,
    station,
)
