"""Ratings of needs: solved or not, 1 to 5 stars, one per person and outcome, changeable for some hours.

Nothing is rated by default.

A need that is resolved again has a new outcome, and its rating is a new one: the earlier rating stays in the figures of
its month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, policies, reference
from server.domain.needs import access, closing, deadlines, resident_queries
from server.domain.needs.speakers import Speaker, speaker_id
from server.domain.needs.transitions import S, require_status
from server.domain.satisfaction import call_backs, months
from server.domain.staff import Staff
from server.errors import HandlerRating
from server.errors.satisfaction import RatingClosed
from server.models import Need, NeedEvent, Rating
from server.models.satisfaction import RatingTag, Solved

LOW_STARS = 2
THANKS = "谢谢您的评价，需求已归档。有的需求还会由其他工作人员回访。"


@dataclass(frozen=True)
class RatingContent:
    """Stars from 1 to 5, whether the need was solved, tags and a comment."""

    stars: int
    solved: Solved
    tags: Sequence[RatingTag] = ()
    comment: str = ""

    @property
    def is_low(self) -> bool:
        """Return whether the resident is not satisfied: one or two stars, or a need that was not solved."""
        return self.stars <= LOW_STARS or self.solved == Solved.NO

    @property
    def columns(self) -> dict[str, Any]:
        return {"stars": self.stars, "solved": self.solved, "tags": sorted(set(self.tags)), "comment": self.comment}


@dataclass(frozen=True)
class GivenRating:
    """A rating, and until when it can be changed."""

    rating: Rating
    changeable_until: datetime


@db.transaction
async def rate(need_id: int, content: RatingContent, *, by: Speaker, now: datetime) -> GivenRating:
    """Rate a resolved need, or change the rating; sending the same rating again changes nothing.

    Staff enter the rating of a resident without a phone on their word, but not who handled the need (`HandlerRating`).
    A good rating closes the need. One or two stars, or “not solved”, reopen it once, with the head, and open a
    call-back.
    Raises `InvalidNeedState` for a need that was not resolved, `DeadlinePassed` after the policy `rating_days`, and
    `RatingClosed` for a change after `rating_change_hours`.
    """
    if content.is_low:
        await reference.lock_shared()  # the need may be reopened at an open station
    need = await access.lock_for_resident(need_id, by)
    if isinstance(by, Staff) and by.person_id in {need.assignee_id, *await call_backs.handlers(need.id)}:
        raise HandlerRating
    actor = speaker_id(by)
    rater = await access.voice(need, by)
    columns = content.columns
    rating = await _latest(need.id, rater)
    if rating is None or _is_of_earlier_outcome(rating, need):
        rating = await _create(need, columns, rater, now)
    elif columns == {name: getattr(rating, name) for name in columns}:
        return await _with_deadline(rating)
    else:
        await _change(rating, columns, now)
    await audit.note("need.rated", f"need:{need.id}", by=actor, now=now, stars=content.stars)
    await _follow_up(need, actor, now, is_low=content.is_low)
    return await _with_deadline(rating)


async def _latest(need_id: int, person_id: int) -> Rating | None:
    return await Rating.filter(need_id=need_id, person_id=person_id).order_by("-outcome").first()


def _is_of_earlier_outcome(rating: Rating, need: Need) -> bool:
    """Return whether the need was resolved again after the rating: then a new rating follows it."""
    return need.resolved_at is not None and rating.rated_at < need.resolved_at


async def _create(need: Need, content: dict[str, Any], by: int, now: datetime) -> Rating:
    require_status(need, S.RESOLVED, S.CLOSED)
    await deadlines.require_within("rating_days", need, need.resolved_at, now)
    outcome = await _outcome(need)
    # The need may have moved since: the station that resolved it is rated.
    columns: dict[str, Any] = {"station_id": outcome.station_id, "outcome": outcome.number, "rated_at": now}
    return await Rating.create(need_id=need.id, person_id=by, **columns, **content)


async def _outcome(need: Need) -> NeedEvent:
    """Return the entry of the timeline that resolved the need."""
    last = await NeedEvent.filter(need_id=need.id, kind="resolved").order_by("-number").first()
    assert last is not None, "a need with an outcome was resolved"
    assert last.station_id is not None, "by its station"
    return last


async def _change(rating: Rating, content: dict[str, Any], now: datetime) -> None:
    until = (await _with_deadline(rating)).changeable_until
    if now > until:
        raise RatingClosed(until=until)
    columns = {**content, "changed_at": now}
    # The figures of its month may be fixed, whatever the policy is by now: a figure never changes.
    if not await Rating.filter(id=rating.id, figure_month=None).update(**columns):
        raise RatingClosed(until=min(until, months.end_of(months.month_of(rating.rated_at))))
    rating.update_from_dict(columns)


async def _follow_up(need: Need, by: int, now: datetime, *, is_low: bool) -> None:
    # The need is already reopened: the changed rating is kept and has no further effect.
    if need.status not in {S.RESOLVED, S.CLOSED}:
        return
    if not is_low:
        await _close(need, THANKS, by, now)
    elif need.reopenings:
        await call_backs.open_at_parent(need, now=now)
        # Staff read the same sentence, whatever the stars were.
        await _close(need, THANKS, by, now)
    else:
        await call_backs.open_for_low_rating(need, now=now)
        text = "您对办理结果不满意，需求重新办理，并会有其他工作人员回访您。"
        await closing.reopen_with_head(need, text=text, by=by, now=now)


async def _close(need: Need, text: str, by: int, now: datetime) -> None:
    if need.status == S.RESOLVED:
        await closing.close(need, text=text, by=by, now=now)


async def get_rating(need_id: int, person_id: int) -> GivenRating | None:
    """Return the person's rating of their need; None if they have not rated it. Raises `NotFound` for other needs."""
    rating = await _latest(need_id, person_id)
    if rating is None:
        await resident_queries.get_need(need_id, person_id)
        return None
    return await _with_deadline(rating)


async def _with_deadline(rating: Rating) -> GivenRating:
    hours = await policies.number("rating_change_hours", station_id=rating.station_id)
    return GivenRating(rating, rating.rated_at + timedelta(hours=hours))
