"""Phone numbers as people read them."""

import pytest

from server.handlers.phone_text import phone_text


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("08302345678", "0830-2345678"),
        ("02812345678", "028-12345678"),
        ("01012345678", "010-12345678"),
        ("13812345678", "13812345678"),
        ("0830-2345678", "0830-2345678"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_landline_has_a_hyphen_and_other_numbers_stay(phone, text):
    assert phone_text(phone) == text
