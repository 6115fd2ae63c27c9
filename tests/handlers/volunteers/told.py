"""Requests to send, and what replies contain."""

APPLICATION = {
    "about": "退休护士",
    "skills": ["elder_care", "culture"],
    "free_times": [{"weekday": 6, "from_minute": 540, "until_minute": 720}],
    "show_in_rankings": True,
}


def code(answer):
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]
