"""Every refusal there is: a code for programs, a sentence for residents."""

import re

import pytest

from server.errors import NotFound, Refusal, catalogue
from server.handlers.http.endpoint import ENDPOINTS
from server.handlers.http.openapi import every_refusal

CATALOGUE = catalogue()
EVERYWHERE = {"method_not_allowed", "server_fault"}
# The ledger's own last walls: the contract and the verbs refuse such things first, in the words of what was asked.
LAST_WALLS = {"already_moved", "amount_not_positive", "hold_expired", "hold_resolved", "hold_too_small", "not_enough"}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_a_refusal_says_in_plain_chinese_what_to_do(kind: type[Refusal]):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert re.match(r"“?[\u4e00-\u9fff]", kind.message)
    assert not re.search(r"[a-z]{3}|[.!。！]$", kind.message), "no English, no full stop: it stands in a toast"
    assert len(kind.message) <= 60


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_a_refusal_has_a_fitting_status(kind: type[Refusal]):
    assert kind.status in {400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503}
    assert (kind.status in {429, 503}) == (kind.retry_after_seconds is not None), "who may come again is told when"


def test_only_not_found_is_not_found():
    """Another 404 would tell a stranger that something is there."""
    assert [kind for kind in CATALOGUE.values() if kind.status == 404] == [NotFound]


def test_no_refusal_is_left_that_nothing_answers():
    answered = {kind.code for one in ENDPOINTS for kind in one.all_refusals}

    assert set(CATALOGUE) - answered - LAST_WALLS == EVERYWHERE


def test_the_file_of_refusals_says_what_each_means():
    assert all(said["meaning"] for said in every_refusal().values())
    assert every_refusal()["busy"] == {
        "status": 503,
        "message": "现在人多，请稍等几秒再试",
        "retry_after_seconds": 2,
        "meaning": "Nothing was done; the same request may be repeated.",
    }
