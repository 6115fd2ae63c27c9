"""Points 积分: earning rules, earned points, public notices, objections and expiry."""
