"""Activities 活动: found and read by everybody, run by the station."""

from server.handlers.activities import copies, drafts, figures, posts, ratings, running  # noqa: F401
