"""Star levels by hours served."""

import pytest

from server.domain import policies
from server.domain.policies import POLICIES, Scope
from server.domain.star_levels import MAX_STARS, get_stars
from tests.conftest import NOW

HOURS = [POLICIES[f"star_{star}_hours"].default for star in range(1, MAX_STARS + 1)]


def test_default_thresholds_are_the_national_ones():
    assert HOURS == [100, 300, 600, 1000, 1500]


@pytest.mark.parametrize(("star", "hours"), list(enumerate(HOURS, start=1)))
async def test_star_comes_with_the_last_minute_of_its_threshold(database, star: int, hours: int):
    assert await get_stars(hours * 60 - 1) == star - 1
    assert await get_stars(hours * 60) == star


async def test_stars_are_between_none_and_five(database):
    assert await get_stars(0) == 0
    assert await get_stars(10**9) == 5


async def test_city_can_change_the_thresholds(city):
    by = city.staff["卫处长"]
    await policies.set_value("star_1_hours", 50, scope=Scope(), source="泸州市志愿服务办法", by=by, now=NOW)

    assert await get_stars(50 * 60) == 1
