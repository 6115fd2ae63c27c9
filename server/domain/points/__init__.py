"""Points 积分: the rules they are earned by, what was earned, public notice of it, and when they lapse."""
