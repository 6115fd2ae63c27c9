"""The daily job on the stations' stock."""

from datetime import datetime

from server.domain import daily_jobs
from server.domain.working_time import SHANGHAI
from server.models import Job, Notice
from tests.conftest import NOW
from tests.factories import supermarket
from tests.jobs.working import work_off


async def test_low_stock_is_notified_and_checked_again_next_morning(city, context, clock):
    await supermarket.good(city.stations["邻玉社工站"], 0, NOW)
    await supermarket.good(city.stations["蓝田社工站"], 9, NOW)
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    told = await Notice.filter(template="goods_low_stock").values_list("person_id", flat=True)
    assert sorted(told) == sorted(city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长"))
    planned = await Job.get(kind="watch_stock", state="waiting")
    assert planned.due_at == datetime(2026, 3, 11, 9, tzinfo=SHANGHAI)

    clock.set(planned.due_at)
    await work_off(context)
    assert await Notice.filter(template="goods_low_stock").count() == 3
