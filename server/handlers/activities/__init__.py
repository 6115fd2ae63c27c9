"""Activities 活动: found and read by everybody, run by the station."""

from server.handlers.activities import (calendar, copies, drafts, figures, poster, posts, public, ratings, lifecycle, station_list)  # noqa: F401
