"""Policies: numbers that officers may change, each with a default, bounds and a source.

A station's number comes before its county's, this before the city's, this before the default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from server.database import db
from server.domain import audit, reference, working_time
from server.domain.staff import Staff
from server.domain.working_time import WorkingHours
from server.errors import CityWidePolicy, NotAllowed, NotFound, PolicyOutOfRange
from server.models import AreaLevel, CalendarDay, Policy, Station

ELSEWHERE = "参照外地做法的系统默认值，不是泸州市的规定"
SYSTEM_DEFAULT = "系统默认值，不是泸州市的规定"
CITY = "city"
HOURS = ("morning_opens", "morning_closes", "afternoon_opens", "afternoon_closes")


@dataclass(frozen=True)
class PolicyRule:
    """The definition of a policy: default, bounds, unit, source of the default, and its meaning for staff.

    `city_wide`: the number is the same in the whole city, such as the working hours.
    """

    default: int
    least: int
    most: int
    unit: str
    source: str
    meaning: str
    city_wide: bool = False


def _hour(default: int, least: int, most: int, meaning: str) -> PolicyRule:
    # The bounds of the four hours do not overlap, so that they are always in order.
    return PolicyRule(default, least, most, "minute_of_day", ELSEWHERE, meaning, city_wide=True)


def _star(hours: int) -> PolicyRule:
    source = "国家注册志愿者星级标准，不是泸州市的规定"
    return PolicyRule(hours, 1, 100_000, "hours", source, "这一星级所需的服务小时数", city_wide=True)


def _phone(default: int, meaning: str) -> PolicyRule:
    source = "全国统一号码，不是泸州市的规定"
    return PolicyRule(default, 100, 999_999, "phone", source, meaning, city_wide=True)


# The contract lists the names too, in `miniprogram_contract/policies.py`.
POLICIES: dict[str, PolicyRule] = {
    "appeal_days": PolicyRule(15, 1, 90, "days", SYSTEM_DEFAULT, "不予受理后可以申诉的天数"),
    "rating_days": PolicyRule(15, 1, 90, "days", SYSTEM_DEFAULT, "办结后可以评价的天数"),
    "rating_change_hours": PolicyRule(24, 0, 720, "hours", SYSTEM_DEFAULT, "评价后可以修改的小时数"),
    "reopening_days": PolicyRule(15, 1, 90, "days", SYSTEM_DEFAULT, "办结后可以要求重新办理的天数"),
    "auto_close_days": PolicyRule(15, 1, 90, "days", SYSTEM_DEFAULT, "办结后居民没有回应，自动归档的天数"),
    "call_back_days": PolicyRule(3, 1, 30, "days", SYSTEM_DEFAULT, "差评后多少天内必须回访"),
    "call_back_assisted_percent": PolicyRule(
        50, 0, 100, "percent", SYSTEM_DEFAULT, "柜台、电话登记和亲友代办的办结需求随机回访的比例"
    ),
    "call_back_sample_percent": PolicyRule(10, 0, 100, "percent", SYSTEM_DEFAULT, "其余办结需求随机回访的比例"),
    "call_back_parent_percent": PolicyRule(20, 0, 100, "percent", SYSTEM_DEFAULT, "随机回访中由上级站点进行的比例"),
    "referral_return_limit": PolicyRule(3, 1, 10, "times", SYSTEM_DEFAULT, "转介退回多少次后由总站决定"),
    "remind_at_percent": PolicyRule(80, 10, 99, "percent", SYSTEM_DEFAULT, "期限过去百分之多少时提醒经办人"),
    "reminder_interval_hours": PolicyRule(24, 1, 240, "hours", SYSTEM_DEFAULT, "居民两次催办之间至少相隔的小时数"),
    "complaint_days": PolicyRule(10, 1, 60, "working_days", SYSTEM_DEFAULT, "投诉应在多少个工作日内答复"),
    "complaint_appeal_days": PolicyRule(15, 1, 90, "days", SYSTEM_DEFAULT, "对投诉答复不服，可以申请复核的天数"),
    "crisis_repeat_minutes": PolicyRule(10, 1, 120, "minutes", SYSTEM_DEFAULT, "紧急警报无人确认时，隔多少分钟再响"),
    "crisis_takeover_seconds": PolicyRule(
        30, 10, 600, "seconds", SYSTEM_DEFAULT, "紧急警报到时多少秒仍没有发出，由网站服务自己发出", city_wide=True
    ),
    "crisis_join_after": PolicyRule(
        5,
        1,
        50,
        "times",
        SYSTEM_DEFAULT,
        "同一人短时间内有多少条紧急需求后，再提交的并入未办结的一条",
        city_wide=True,
    ),
    "crisis_join_minutes": PolicyRule(
        10, 1, 120, "minutes", SYSTEM_DEFAULT, "同一人的紧急需求在多少分钟内合并计数，相同的话只报一次", city_wide=True
    ),
    "police_phone": _phone(110, "报警电话，紧急求助时首先告诉居民"),
    "ambulance_phone": _phone(120, "急救电话，紧急求助时首先告诉居民"),
    "counselling_phone": _phone(12356, "心理援助热线，紧急求助时首先告诉居民"),
    "duty_shifts_per_week": PolicyRule(4, 1, 14, "times", SYSTEM_DEFAULT, "每人每周最多值班多少次"),
    "duty_shifts_per_month": PolicyRule(12, 1, 62, "times", SYSTEM_DEFAULT, "每人每月最多值班多少次"),
    "duty_gap_notice_hours": PolicyRule(48, 1, 168, "hours", SYSTEM_DEFAULT, "值班空档提前多少小时提醒"),
    "joining_undo_days": PolicyRule(30, 1, 365, "days", SYSTEM_DEFAULT, "档案合并后多少天内可以撤销"),
    "min_ratings_for_average": PolicyRule(5, 5, 100, "ratings", SYSTEM_DEFAULT, "至少有多少人评价才显示平均分"),
    "duplicate_similarity_percent": PolicyRule(
        70, 30, 100, "percent", SYSTEM_DEFAULT, "文字相似到百分之多少算疑似重复"
    ),
    "look_ups_per_hour": PolicyRule(
        30, 1, 1000, "times", SYSTEM_DEFAULT, "每名工作人员每小时最多按电话或查询码查找多少次", city_wide=True
    ),
    "minutes_balance_limit": PolicyRule(
        90_000,
        60,
        1_000_000,
        "minutes",
        "广州、南京的做法（1500小时），不是泸州市的规定",
        "每人最多存多少分钟",
        city_wide=True,
    ),
    "daily_service_minutes_limit": PolicyRule(
        600, 60, 1440, "minutes", SYSTEM_DEFAULT, "每人每天最多记的服务分钟", city_wide=True
    ),
    "check_out_grace_minutes": PolicyRule(
        60, 0, 1440, "minutes", SYSTEM_DEFAULT, "任务结束后多少分钟内签退的时间仍计入服务"
    ),
    "back_entry_days": PolicyRule(30, 1, 365, "days", SYSTEM_DEFAULT, "补录的服务最多是多少天以前的"),
    "monthly_back_entry_minutes_limit": PolicyRule(
        1200, 0, 44_640, "minutes", SYSTEM_DEFAULT, "每人每月最多补录多少分钟"
    ),
    "confirmation_days": PolicyRule(7, 1, 60, "days", SYSTEM_DEFAULT, "服务对象多少天没有回应，站点可以代为核实"),
    "dispute_appeal_days": PolicyRule(7, 1, 60, "days", SYSTEM_DEFAULT, "对任务争议的决定不服，可以申诉的天数"),
    "star_1_hours": _star(100),
    "star_2_hours": _star(300),
    "star_3_hours": _star(600),
    "star_4_hours": _star(1000),
    "star_5_hours": _star(1500),
    "points_per_hour": PolicyRule(10, 0, 1000, "points", SYSTEM_DEFAULT, "每小时已核实的服务得多少积分"),
    "daily_hour_points_limit": PolicyRule(60, 0, 10_000, "points", SYSTEM_DEFAULT, "服务时间每人每天最多得多少积分"),
    "monthly_hour_points_limit": PolicyRule(
        600, 0, 100_000, "points", SYSTEM_DEFAULT, "服务时间每人每月最多得多少积分"
    ),
    "points_expiry_years": PolicyRule(0, 0, 10, "years", SYSTEM_DEFAULT, "积分保留多少年，0为不过期", city_wide=True),
    "public_notice_days": PolicyRule(5, 1, 30, "working_days", SYSTEM_DEFAULT, "积分公示的工作日数"),
    "pickup_days": PolicyRule(7, 1, 60, "days", SYSTEM_DEFAULT, "兑换的物品保留多少天"),
    "near_expiry_days": PolicyRule(30, 1, 365, "days", SYSTEM_DEFAULT, "离保质期多少天算临期"),
    "offer_minutes": PolicyRule(120, 10, 2880, "minutes", SYSTEM_DEFAULT, "候补到名额后保留多少分钟（夜间不计）"),
    "same_day_offer_minutes": PolicyRule(30, 5, 720, "minutes", SYSTEM_DEFAULT, "活动当天候补到名额后保留多少分钟"),
    "auto_promotion_minutes": PolicyRule(
        60, 0, 1440, "minutes", SYSTEM_DEFAULT, "开始前多少分钟内，空出的名额直接给候补的第一位"
    ),
    "quiet_hours_begin": PolicyRule(
        1260, 1020, 1439, "minute_of_day", SYSTEM_DEFAULT, "从几点起不再打扰居民", city_wide=True
    ),
    "quiet_hours_end": PolicyRule(480, 0, 720, "minute_of_day", SYSTEM_DEFAULT, "到几点为止不打扰居民", city_wide=True),
    "no_show_limit": PolicyRule(3, 1, 20, "times", SYSTEM_DEFAULT, "爽约多少次后排到候补末尾", city_wide=True),
    "no_show_window_days": PolicyRule(90, 1, 730, "days", SYSTEM_DEFAULT, "在多少天内的爽约计入次数", city_wide=True),
    "no_show_penalty_days": PolicyRule(30, 0, 365, "days", SYSTEM_DEFAULT, "因爽约排到候补末尾多少天", city_wide=True),
    "no_show_exempt_age": PolicyRule(70, 50, 120, "years", SYSTEM_DEFAULT, "超过多少岁的居民爽约不计", city_wide=True),
    "check_in_opens_minutes": PolicyRule(60, 0, 720, "minutes", SYSTEM_DEFAULT, "开始前多少分钟起可以签到"),
    "activity_reminder_hours": PolicyRule(2, 1, 12, "hours", SYSTEM_DEFAULT, "活动开始前多少小时再提醒一次"),
    "auto_finish_hours": PolicyRule(12, 1, 168, "hours", SYSTEM_DEFAULT, "结束后多少小时没有人收尾，自动结束活动"),
    "morning_opens": _hour(540, 360, 660, "上午上班"),
    "morning_closes": _hour(720, 661, 780, "上午下班"),
    "afternoon_opens": _hour(810, 781, 900, "下午上班"),
    "afternoon_closes": _hour(1050, 901, 1260, "下午下班"),
    "calendar_alarm_month": PolicyRule(
        11, 1, 12, "month", SYSTEM_DEFAULT, "从几月起，缺少下一年的放假安排就报警", city_wide=True
    ),
}


@dataclass(frozen=True)
class Scope:
    """The scope of a policy: a station, a county, or, without either, the city."""

    station_id: int | None = None
    county_id: int | None = None

    @property
    def key(self) -> str:
        if self.station_id is not None:
            return f"station:{self.station_id}"
        return CITY if self.county_id is None else f"area:{self.county_id}"


@dataclass(frozen=True)
class PolicyInForce:
    """A policy with the number that applies in a scope. `scope` is where it was set, None for the default."""

    name: str
    rule: PolicyRule
    value: int
    source: str
    scope: str | None


async def number(name: str, *, station_id: int | None = None, county_id: int | None = None) -> int:
    """Return the number of the policy for the station, else the county, else the city."""
    return (await numbers(name, station_id=station_id, county_id=county_id))[name]


def kept_number(name: str) -> int:
    """Return the city's number of a policy as the set-up in memory has it, without a statement.

    It is the default while no set-up is in memory.
    """
    kept = reference.kept()
    found = kept.policies.get((name, CITY)) if kept else None
    return found.value if found else POLICIES[name].default


async def numbers(*names: str, station_id: int | None = None, county_id: int | None = None) -> dict[str, int]:
    """Return the numbers of several policies, by name."""
    found = await in_force(names, Scope(station_id, county_id))
    return {policy.name: policy.value for policy in found}


async def number_at(name: str, of: Sequence[Station]) -> dict[int, int]:
    """Return the number of the policy for each station, by station id."""
    return {station.id: await number(name, station_id=station.id) for station in of}


async def in_force(names: Sequence[str], scope: Scope) -> list[PolicyInForce]:
    """Return the policies with the number that applies in the scope, and where each was set."""
    snapshot = await reference.snapshot()
    station = snapshot.stations.get(scope.station_id or 0)
    county_id = station.county_id if station else scope.county_id
    nearest_first = [scope.key, Scope(county_id=county_id).key, CITY]
    return [_in_force(name, [snapshot.policies.get((name, key)) for key in nearest_first]) for name in names]


def _in_force(name: str, nearest_first: Sequence[Policy | None]) -> PolicyInForce:
    rule = POLICIES[name]
    found = next((policy for policy in nearest_first if policy is not None), None)
    if found is None:
        return PolicyInForce(name, rule, rule.default, rule.source, None)
    return PolicyInForce(name, rule, found.value, found.source, found.scope)


@db.transaction
async def set_value(
    name: str, value: int | None, *, scope: Scope, source: str, by: Staff, now: datetime
) -> PolicyInForce:
    """Set the number for the scope, or remove it with None.

    Raises `NotFound` for an unknown policy or scope, `CityWidePolicy`, `PolicyOutOfRange`.
    """
    rule = POLICIES.get(name)
    if rule is None:
        raise NotFound(kind="policy", codes=[name])
    await _require_reach(scope, by)
    if rule.city_wide and scope.key != CITY:
        raise CityWidePolicy
    if value is not None and not rule.least <= value <= rule.most:
        raise PolicyOutOfRange(minimum=rule.least, maximum=rule.most)
    await reference.begin_change()
    await _write(name, value, scope.key, source)
    await audit.note(
        "policy.put", f"policy:{name}", by=by.person_id, now=now, scope=scope.key, value=value, source=source
    )
    return (await in_force([name], scope))[0]


async def _require_reach(scope: Scope, by: Staff) -> None:
    if scope.station_id is not None:
        station = await reference.station(scope.station_id)
        reached = station is not None and (by.is_city or station.county_id in by.county_ids)
    elif scope.county_id is not None:
        area = await reference.area(scope.county_id)
        in_counties = by.is_city or scope.county_id in by.county_ids
        reached = in_counties and area is not None and area.level == AreaLevel.COUNTY
    elif by.is_city:
        reached = True
    else:
        raise NotAllowed
    if not reached:
        raise NotFound(kind="scope", codes=[scope.key])


async def _write(name: str, value: int | None, scope: str, source: str) -> None:
    if value is None:
        await Policy.filter(name=name, scope=scope).delete()
    else:
        await db.insert_or_update("policy", {"name": name, "scope": scope}, value=value, source=source)


async def get_working_hours() -> WorkingHours:
    """Return the working hours for counting deadlines."""
    return working_hours_from(await numbers(*HOURS))


def working_hours_from(minutes: Mapping[str, int]) -> WorkingHours:
    """Return the working hours from numbers that include the four of `HOURS`."""
    at = {name: time(*divmod(minute, 60)) for name, minute in minutes.items()}
    return WorkingHours(((at["morning_opens"], at["morning_closes"]), (at["afternoon_opens"], at["afternoon_closes"])))


async def get_calendar_days() -> Mapping[date, bool]:
    """Return the days entered by hand, with whether each is a working day."""
    return (await reference.snapshot()).calendar_days


@db.transaction
async def set_calendar_day(day: date, *, working: bool, by: Staff, now: datetime) -> Mapping[date, bool]:
    """Set whether a day is a working day, and return all days entered for that year; deadlines stay."""
    await reference.begin_change()
    await db.insert_or_update("calendar_day", {"day": day.isoformat()}, working=working)
    await audit.note("calendar.entered", f"day:{day}", by=by.person_id, now=now, working=working)
    return await get_calendar(day.year)


async def get_calendar(year: int) -> Mapping[date, bool]:
    """Return the days of the year that were entered by hand, with whether each is a working day."""
    return {known: works for known, works in (await get_calendar_days()).items() if known.year == year}


@db.transaction
async def set_calendar(year: int, days: Mapping[date, bool], *, by: Staff, now: datetime) -> Mapping[date, bool]:
    """Enter these days of the year in place of those entered before; deadlines stay."""
    await reference.begin_change()
    await CalendarDay.filter(day__gte=date(year, 1, 1), day__lte=date(year, 12, 31)).delete()
    await CalendarDay.bulk_create(CalendarDay(day=day, working=working) for day, working in sorted(days.items()))
    await audit.note("calendar.year_entered", f"year:{year}", by=by.person_id, now=now, days=len(days))
    return await get_calendar(year)


async def missing_years(now: datetime) -> list[int]:
    """Return the years whose calendar should have been entered by now and is missing."""
    month = await number("calendar_alarm_month")
    return working_time.missing_years(now, await get_calendar_days(), asked_from=(month, 1))
