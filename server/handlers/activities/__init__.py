"""Activities 活动: found and read by everybody, run by the station."""

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
