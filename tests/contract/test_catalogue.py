"""Every refusal there is: a code for programs, a sentence for residents, and declared details."""

import re
from datetime import UTC, datetime

import pytest

from server.errors import DeadlinePassed, InvalidState, NotFound, Refusal, TooEarly, catalogue, variants
from server.handlers.http.endpoint import ENDPOINTS
from server.handlers.http.openapi import every_refusal
from server.handlers.http.openapi.refusals import example

CATALOGUE = catalogue()
ALL = [one for kind in CATALOGUE.values() for one in variants(kind)]
EVERYWHERE = {"MethodNotAllowed", "ServerError"}
# The ledger's own last checks: the contract and the verbs refuse such things first, in the words of what was asked.
LAST_CHECKS = {"AmountExceedsHold", "DuplicateTransfer", "HoldExpired", "HoldResolved", "InvalidAmount"}
by_name = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)


@by_name
def test_message_is_one_plain_chinese_sentence(kind: type[Refusal]):
    message = re.sub(r"\{\w+\}", "", kind.message)

    assert re.match(r"“?[\u4e00-\u9fff]", message)
    assert not re.search(r"[a-z]{3}|[.!。！]$", message), "no English and no full stop at the end: it is shown alone"
    assert len(message) <= 60


@by_name
def test_message_names_only_details_that_are_always_there(kind: type[Refusal]):
    always = {name for name, detail in kind.detail_types.items() if detail.required}

    assert set(re.findall(r"\{(\w+)\}", kind.message)) <= always
    assert set(kind.fixed_details) <= set(kind.detail_types)
    assert "{" not in example(kind)["message"]


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_code_is_the_name_of_its_class(kind: type[Refusal]):
    words = re.findall(r"[A-Z][a-z]+", kind.__name__.replace("WeChat", "Wechat"))

    assert kind.code == "_".join(words).lower()


@by_name
def test_status_fits_the_code(kind: type[Refusal]):
    assert kind.status in {400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503}
    assert (kind.status in {429, 503}) == (kind.retry_after_seconds is not None), "a later try needs to know when"
    assert kind.status == CATALOGUE[kind.code].status


def test_not_found_is_the_only_404():
    """Another 404 would show a stranger that something is there."""
    assert [kind for kind in CATALOGUE.values() if kind.status == 404] == [NotFound]


def test_catalogue_has_no_code_that_nothing_answers():
    answered = {kind.code for one in ENDPOINTS for kind in one.all_refusals}
    last = {kind.code for kind in ALL if kind.__name__ in EVERYWHERE | LAST_CHECKS}

    assert set(CATALOGUE) - answered - last == set()


def test_catalogue_has_no_message_that_nothing_answers():
    answered = {kind for one in ENDPOINTS for kind in one.all_refusals}

    of_nouns = {kind for kind in ALL if "code" not in kind.__dict__}
    assert {kind.__name__ for kind in of_nouns - answered} <= LAST_CHECKS


def test_undeclared_detail_is_a_mistake_of_the_code():
    with pytest.raises(AssertionError, match="declares no detail"):
        InvalidState(status="closed", since="2026")
    with pytest.raises(AssertionError, match="needs the details"):
        InvalidState()


def test_message_shows_moments_in_chinese_and_in_shanghai():
    until = datetime(2026, 3, 10, 2, tzinfo=UTC)

    assert DeadlinePassed(until=until).message == "已超过可办理的期限（2026年3月10日 10:00）"


@pytest.mark.parametrize(("second", "shown"), [(0, "10:00"), (1, "10:01"), (59, "10:01")])
def test_message_rounds_possible_from_up_to_the_minute(second, shown):
    possible_from = datetime(2026, 3, 10, 2, 0, second, tzinfo=UTC)

    refusal = TooEarly(possible_from=possible_from)

    assert refusal.message == f"还没有到可以这样办理的时间，请在2026年3月10日 {shown}以后再试"
    assert refusal.details == {"possible_from": possible_from}


def test_file_of_refusals_says_what_each_means():
    assert all(said["meaning"] for said in every_refusal().values())
    assert every_refusal()["busy"] == {
        "status": 503,
        "message": "现在人多，请稍等几秒再试",
        "messages": ["现在传照片的人多，请等几秒钟再传一次"],
        "details": {},
        "retry_after_seconds": 2,
        "meaning": "The server is busy. Nothing was done; the same request may be repeated.",
    }
