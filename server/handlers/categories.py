"""Categories of need and their service promises."""

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
from miniprogram_contract.needs import Urgency as Asked
from server.adapters.clock import Moment
from server.domain import categories
from server.domain.categories import CategoryWithPromises, PromiseTerms
from server.errors import CategoryExists, CategoryRequired
from server.handlers.http import Caller, Roles, endpoint
from server.models import PromiseUnit, ServicePromise, Urgency


@endpoint("GET", "/categories", query=CategoryFilter, reply=CategoryList, roles=Roles.ANYONE)
async def list_categories(query: CategoryFilter) -> CategoryList:
    """List what one may need help with, and how soon each is answered and completed."""
    found = await categories.list_categories(with_inactive=query.with_inactive)
    return CategoryList(items=[_category(one) for one in found])


@endpoint(
    "POST",
    "/categories",
    body=NewCategory,
    reply=CategoryDetail,
    status=201,
    roles=Roles.CITY_OFFICER,
    refuses=(CategoryExists,),
    changes_routing=True,
)
async def create_category(body: NewCategory, caller: Caller, now: Moment) -> CategoryDetail:
    """Add a category; until a station offers it, its needs go to the city desk and show in the gap report."""
    return _category(
        await categories.add(body.code, name=body.name, confidential=body.confidential, by=caller.scope, now=now)
    )


@endpoint(
    "POST",
    "/categories/<code:[a-z][a-z0-9_]{1,39}>/changes",
    body=CategoryChanges,
    reply=CategoryDetail,
    roles=Roles.CITY_OFFICER,
    refuses=(CategoryRequired,),
    changes_routing=True,
)
async def change_category(code: str, body: CategoryChanges, caller: Caller, now: Moment) -> CategoryDetail:
    """Rename, move, deactivate or make a category confidential."""
    changes = body.model_dump(exclude_unset=True)
    return _category(await categories.change(code, changes=changes, by=caller.scope, now=now))


@endpoint(
    "PUT",
    "/categories/<code:[a-z][a-z0-9_]{1,39}>/promises",
    body=NewPromises,
    reply=CategoryDetail,
    roles=Roles.CITY_OFFICER,
)
async def set_category_promises(code: str, body: NewPromises, caller: Caller, now: Moment) -> CategoryDetail:
    """Change how soon needs of the category are answered and completed."""
    promises = [_promise(one) for one in body.promises]
    return _category(await categories.set_promises(code, promises, by=caller.scope, now=now))


def _promise(said: NewPromise) -> PromiseTerms:
    return PromiseTerms(
        Urgency(said.urgency),
        (said.response.amount, PromiseUnit(said.response.unit)),
        (said.completion.amount, PromiseUnit(said.completion.unit)),
        said.source,
    )


def _category(one: CategoryWithPromises) -> CategoryDetail:
    return CategoryDetail(
        code=one.category.code,
        name=one.category.name,
        confidential=one.category.confidential,
        active=one.category.active,
        promises=[_promised(promise) for promise in one.promises],
    )


def _promised(one: ServicePromise) -> PromiseDetail:
    words = categories.promise_in_words(
        one.response_amount, one.response_unit, one.completion_amount, one.completion_unit
    )
    return PromiseDetail(
        urgency=Asked(one.urgency),
        response=Duration(amount=one.response_amount, unit=contract.PromiseUnit(one.response_unit)),
        completion=Duration(amount=one.completion_amount, unit=contract.PromiseUnit(one.completion_unit)),
        words=words,
        source=one.source,
    )
