"""Activities 活动: found and read by everybody, run by the station."""
