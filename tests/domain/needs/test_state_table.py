"""The table of a need's states: each verb, in each state, does what the table says or refuses."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from server.domain.needs import appeals, closing, referrals, reminders, triage
from server.domain.needs.triage import NoteContent
from server.errors import InvalidNeedState, NotAllowed, NotFound
from server.models import Appeal, Need, NeedStatus, Referral
from tests import steps
from tests.conftest import NOW

STATES = ("submitted", "accepted", "assigned", "in_progress", "referred", "resolved", "reopened", "closed", "declined",
          "withdrawn", "merged")  # fmt: skip
# The state after each verb, for the states above: `-` it is refused, `=` the state stays.
TABLE = {
    #                 submitted accepted assigned in_progress referred resolved reopened closed declined withdrawn merged
    "accept":          "accepted - - - - - - - - - -",
    "decline":         "declined declined - - - - - - - - -",
    "refer":           "referred referred referred referred - - - - - - -",
    "assign":          "- assigned assigned assigned - - assigned - - - -",
    "start":           "- - in_progress - - - in_progress - - - -",
    "resolve":         "- - - resolved - - - - - - -",
    "accept_referral": "- - - - accepted - - - - - -",
    "return":          "- - - - accepted - - - - - -",
    "recall":          "- - - - accepted - - - - - -",
    "expire":          "= = = = accepted = = = = = =",
    "withdraw":        "withdrawn withdrawn withdrawn withdrawn withdrawn - - - - - -",
    "reopen":          "- - - - - reopened - - - - -",
    "appeal":          "- - - - - - - - = - -",
    "remind":          "= = = = = - = - - - -",
    "message":         "= = = = = = = - - - -",
    "note":            "= = = = = = = = = = =",
}  # fmt: skip


def _note(city, need, **words) -> Awaitable[Any]:
    words = {"note": "", "message": "", **words}
    return triage.add_note(need.id, NoteContent(**words), by=city.staff["赵站长"], now=NOW)


async def _expire(city, need) -> None:
    for referral in await Referral.filter(need_id=need.id):
        await referrals.expire(referral.id, now=referral.answer_due_at)


def _by_head(verb: Callable[..., Awaitable[Any]], **words: Any) -> Callable[[Any, Need], Awaitable[Any]]:
    return lambda city, need: verb(need.id, **words, by=city.staff["赵站长"], now=NOW)


def _by_receiver(verb: Callable[..., Awaitable[Any]], **words: Any) -> Callable[[Any, Need], Awaitable[Any]]:
    return lambda city, need: verb(need.id, **words, by=city.staff["吴站长"], now=NOW)


def _by_resident(verb: Callable[..., Awaitable[Any]], **words: Any) -> Callable[[Any, Need], Awaitable[Any]]:
    return lambda city, need: verb(need.id, **words, by=city.grandma.id, now=NOW)


VERBS: dict[str, Callable[[Any, Need], Awaitable[Any]]] = {
    "accept": _by_head(triage.accept),
    "decline": _by_head(triage.decline, reason="不属于服务范围", alternative_help="街道"),
    "refer": lambda city, need: _by_head(referrals.refer, to_station=city.stations["蓝田社工站"].id, reason="搬家")(
        city, need
    ),
    "assign": lambda city, need: _by_head(triage.assign, worker_id=city.staff["林社工"].person_id)(city, need),
    "start": _by_head(triage.start),
    "resolve": _by_head(triage.resolve, outcome="好", service_minutes=1),
    "accept_referral": _by_receiver(referrals.accept),
    "return": _by_receiver(referrals.return_to_sender, reason="不归我们"),
    "recall": _by_head(referrals.recall),
    "expire": _expire,
    "withdraw": _by_resident(closing.withdraw, reason=""),
    "reopen": _by_resident(closing.reopen, reason="没有解决"),
    "appeal": _by_resident(appeals.submit, reason="我符合条件"),
    "remind": _by_resident(reminders.remind_worker),
    "message": lambda city, need: _note(city, need, message="明天上门"),
    "note": lambda city, need: _note(city, need, note="已联系"),
}


@pytest.mark.parametrize("verb", TABLE)
async def test_verb_moves_a_need_as_the_table_says(city, verb):
    found = {}
    for state in STATES:
        need = await steps.need_in_state(city, state, NOW)
        try:
            await VERBS[verb](city, need)
        except (InvalidNeedState, NotFound, NotAllowed):  # a receiver does not see what is not referred to them
            assert (await Need.get(id=need.id)).event_count == need.event_count
            found[state] = "-"
        else:
            found[state] = (await Need.get(id=need.id)).status.value

    expected = dict(zip(STATES, TABLE[verb].split(), strict=True))
    assert found == {state: state if after == "=" else after for state, after in expected.items()}


@pytest.mark.parametrize(("grant", "after"), [(True, NeedStatus.ACCEPTED), (False, NeedStatus.DECLINED)])
async def test_decided_appeal_moves_a_declined_need_only_if_it_is_granted(city, grant, after):
    need = await steps.need_in_state(city, "declined", NOW)
    appeal = await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)

    await appeals.decide(appeal.id, grant=grant, decision="复核", by=city.staff["孙站长"], now=NOW)

    assert (await Need.get(id=need.id)).status == after
    assert await Appeal.filter(need_id=need.id, granted=grant).exists()
