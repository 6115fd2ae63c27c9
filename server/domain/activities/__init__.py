"""Activities 活动: drafted, published, changed, run and ended."""
