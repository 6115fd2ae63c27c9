"""Endpoints for categories of need and their service promises."""

from miniprogram_contract import categories as contract
from miniprogram_contract.categories import (
    CategoryChanges,
    CategoryDetail,
    CategoryFilter,
    CategoryList,
    Duration,
    NewCategory,
    NewPromise,
    NewPromises,
    PromiseDetail,
)
from miniprogram_contract.needs import Urgency as ContractUrgency
from server.adapters.clock import Moment
from server.domain import categories
from server.domain.categories import CategoryTexts, CategoryWithPromises, PromiseTerms
from server.domain.duty import cover
from server.domain.duty.cover import DutyState
from server.errors import CategoryExists, CategoryRequired, NotFound
from server.handlers import subjects
from server.handlers.duty_state import duty_state
from server.handlers.http import Caller, Roles, endpoint
from server.models import PromiseUnit, ServicePromise, Urgency


@endpoint("GET", "/categories", query=CategoryFilter, reply=CategoryList, roles=Roles.ANYONE, refuses=(NotFound,))
async def list_categories(query: CategoryFilter, now: Moment) -> CategoryList:
    """List the categories of need with their response and completion times, and whether a station keeps them now."""
    found = await categories.list_categories(with_inactive=query.with_inactive)
    duty = await cover.find_state(query.station, now)
    items = [_category_detail(category, duty) for category in found]
    return CategoryList(items=items, duty=duty and duty_state(duty))


@endpoint(
    "POST",
    "/categories",
    body=NewCategory,
    reply=CategoryDetail,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.CITY_OFFICER,
    refuses=(CategoryExists,),
)
async def create_category(body: NewCategory, caller: Caller, now: Moment) -> CategoryDetail:
    """Add a category; until a station offers it, its needs go to the city desk and appear in the coverage report."""
    texts = CategoryTexts(body.name, body.explanation, body.icon)
    added = await categories.add(body.code, texts, confidential=body.confidential, by=caller.scope, now=now)
    return _category_detail(added)


@endpoint(
    "POST",
    "/categories/<code:[a-z][a-z0-9_]{1,39}>/changes",
    body=CategoryChanges,
    reply=CategoryDetail,
    subject=subjects.OUTCOME,
    roles=Roles.CITY_OFFICER,
    refuses=(CategoryRequired,),
)
async def change_category(code: str, body: CategoryChanges, caller: Caller, now: Moment) -> CategoryDetail:
    """Rename, move, deactivate or make a category confidential."""
    changes = body.model_dump(exclude_unset=True)
    return _category_detail(await categories.change(code, changes=changes, by=caller.scope, now=now))


@endpoint(
    "PUT",
    "/categories/<code:[a-z][a-z0-9_]{1,39}>/promises",
    body=NewPromises,
    reply=CategoryDetail,
    roles=Roles.CITY_OFFICER,
)
async def set_category_promises(code: str, body: NewPromises, caller: Caller, now: Moment) -> CategoryDetail:
    """Change the response and completion times of the category."""
    promises = [_promise_terms(promise) for promise in body.promises]
    return _category_detail(await categories.set_promises(code, promises, by=caller.scope, now=now))


def _promise_terms(promise: NewPromise) -> PromiseTerms:
    return PromiseTerms(
        Urgency(promise.urgency),
        (promise.response.amount, PromiseUnit(promise.response.unit)),
        (promise.completion.amount, PromiseUnit(promise.completion.unit)),
        promise.source,
    )


def _category_detail(listed: CategoryWithPromises, duty: DutyState | None = None) -> CategoryDetail:
    return CategoryDetail(
        code=listed.category.code,
        name=listed.category.name,
        explanation=listed.category.explanation,
        icon=listed.category.icon,
        confidential=listed.category.confidential,
        active=listed.category.active,
        promises=[_promise_detail(promise, duty) for promise in listed.promises],
    )


def _promise_detail(promise: ServicePromise, duty: DutyState | None) -> PromiseDetail:
    words = categories.promise_in_words(
        promise.response_amount, promise.response_unit, promise.completion_amount, promise.completion_unit
    )
    return PromiseDetail(
        urgency=ContractUrgency(promise.urgency),
        response=Duration(amount=promise.response_amount, unit=contract.PromiseUnit(promise.response_unit)),
        completion=Duration(amount=promise.completion_amount, unit=contract.PromiseUnit(promise.completion_unit)),
        words=words,
        holds_now=None if duty is None else duty.covered or promise.response_unit != PromiseUnit.MINUTES,
        source=promise.source,
    )
