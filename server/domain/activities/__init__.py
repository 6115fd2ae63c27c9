"""Activities 活动: drafts, publication, changes, schedule, and their end."""
