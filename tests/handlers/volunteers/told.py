"""What is sent, and what is answered."""

APPLICATION = {
    "about": "退休护士",
    "skills": ["elder_care", "culture"],
    "free_times": [{"weekday": 6, "from_minute": 540, "until_minute": 720}],
    "ranked": True,
}


def code(answer):
    """The status of a refusal, and its code."""
    return answer.status_code, answer.json()["code"]
