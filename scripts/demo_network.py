"""The stations of the demonstration: real areas of Luzhou, made-up premises.

None of this says where the city really has stations. Town stations have every status, and some towns have none, so
that a reader sees who answers instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.domain.coordinates import Coordinates, Point
from server.models import RoleKind, StationLevel, StationOrigin, StationStatus

HEAD, TOWN, ROOM = StationLevel.HEAD_STATION, StationLevel.TOWN_STATION, StationLevel.COMMUNITY_ROOM
OPEN, PLANNED = StationStatus.OPEN, StationStatus.PLANNED
SUSPENDED, CLOSED = StationStatus.SUSPENDED, StationStatus.CLOSED

# Plan rule 4: each level has its own list. What needs an expert or discretion is for the head stations.
OF_EXPERTS = frozenset({"mental_health", "drug_recovery", "correction", "crime_prevention"})
OF_ROOMS = frozenset(
    {
        "elder_care",
        "child_welfare",
        "disability",
        "community_governance",
        "civic_practice",
        "culture",
        "tutoring",
    }
)
REASONS = {SUSPENDED: "场地消防改造，预计两个月", CLOSED: "并入分水岭镇社会工作服务站"}

CITY_DESK = {
    "address": "泸州市民政局一楼",
    "opening_hours": "周一至周五 9:00–12:00，13:30–17:30",
    "phone": "08305550000",
    "duty_phone": "13900000000",
}


@dataclass(frozen=True)
class Premises:
    """The facts of a station: `at` is its area by short names from the county down, `also` what else it covers."""

    level: StationLevel
    at: str
    longitude: float
    latitude: float
    status: StationStatus = OPEN
    also: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.at.split())

    @property
    def covers(self) -> list[tuple[str, ...]]:
        """Return the paths of every area it covers."""
        return [self.path, *((*self.path[:-1], name) for name in self.also)]

    @property
    def name(self) -> str:
        """Return the station's name (plan rule 49)."""
        kind = {HEAD: "社会工作服务总站", TOWN: "社会工作服务站", ROOM: "社会工作服务室"}[self.level]
        return self.path[-1] + kind

    @property
    def people(self) -> tuple[RoleKind, ...]:
        """Return the roles with which it opens; a planned station has no people yet."""
        if self.status == PLANNED:
            return ()
        return (RoleKind.SOCIAL_WORKER,) if self.level == ROOM else (RoleKind.STATION_HEAD, RoleKind.SOCIAL_WORKER)

    def offers(self, codes: Iterable[str]) -> list[str]:
        """Return the categories it offers."""
        if self.level == HEAD:
            return list(codes)
        return [code for code in codes if code not in OF_EXPERTS and (self.level == TOWN or code in OF_ROOMS)]

    def page(self, number: int) -> dict[str, Any]:
        """Return the facts of the station's page; `number` makes its telephone numbers."""
        house = {HEAD: "社会组织孵化园二楼", TOWN: "便民服务中心一楼", ROOM: "党群服务中心一楼"}[self.level]
        return {
            "address": f"泸州市{''.join(self.path)}{house}",
            "place": Point(self.longitude, self.latitude, Coordinates.GCJ02),
            "opening_hours": "周一至周五 9:00–12:00，13:30–17:30" + ("，周六上午" if self.level == ROOM else ""),
            "phone": f"0830555{number:04d}",
            "duty_phone": f"1390000{number:04d}",
            "operator": f"{self.path[0]}示范社会工作服务中心",
            "origin": StationOrigin.EXISTING_PREMISES if self.level == ROOM else StationOrigin.SUBSIDISED,
        }


NETWORK = (
    Premises(HEAD, "江阳区", 105.4352, 28.8786),
    Premises(TOWN, "江阳区 邻玉街道", 105.4390, 28.8503),
    Premises(ROOM, "江阳区 邻玉街道 邻江社区", 105.4421, 28.8547, also=("玉成社区",)),
    Premises(ROOM, "江阳区 邻玉街道 先锋村", 105.4305, 28.8377, PLANNED, also=("兴隆村",)),
    Premises(TOWN, "江阳区 蓝田街道", 105.4338, 28.8637),
    Premises(ROOM, "江阳区 蓝田街道 宪桥社区", 105.4293, 28.8601, also=("牛市坎社区", "东升桥社区")),
    Premises(TOWN, "江阳区 南城街道", 105.4437, 28.8857, also=("北城街道",)),
    Premises(TOWN, "江阳区 茜草街道", 105.4621, 28.8790, SUSPENDED),
    Premises(TOWN, "江阳区 方山镇", 105.3254, 28.8060, PLANNED),
    Premises(TOWN, "江阳区 丹林镇", 105.2724, 28.7716, CLOSED),
    Premises(TOWN, "江阳区 分水岭镇", 105.2951, 28.7893, also=("丹林镇",)),
    Premises(HEAD, "龙马潭区", 105.4380, 28.9133),
    Premises(TOWN, "龙马潭区 小市街道", 105.4424, 28.9007),
    Premises(ROOM, "龙马潭区 小市街道 上大街社区", 105.4445, 28.8978, also=("下大街社区", "合道街社区")),
    Premises(TOWN, "龙马潭区 罗汉街道", 105.4906, 28.9147),
    Premises(TOWN, "龙马潭区 鱼塘街道", 105.4218, 28.9306, PLANNED),
    Premises(HEAD, "纳溪区", 105.3713, 28.7734),
    Premises(TOWN, "纳溪区 安富街道", 105.3829, 28.7791),
    Premises(TOWN, "纳溪区 永宁街道", 105.3697, 28.7702),
    Premises(ROOM, "纳溪区 永宁街道 棉花坡社区", 105.3584, 28.7581, SUSPENDED, also=("紫阳坪社区",)),
    Premises(TOWN, "纳溪区 大渡口镇", 105.2403, 28.7391, SUSPENDED),
    Premises(HEAD, "泸县", 105.3819, 29.1519),
    Premises(TOWN, "泸县 玉蟾街道", 105.3742, 29.1556),
    Premises(ROOM, "泸县 玉蟾街道 西苑社区", 105.3701, 29.1541, also=("朝阳社区", "怡园社区")),
    Premises(TOWN, "泸县 福集镇", 105.3896, 29.1466),
    Premises(TOWN, "泸县 嘉明镇", 105.3071, 29.2118, PLANNED),
    Premises(HEAD, "合江县", 105.8313, 28.8112),
    Premises(TOWN, "合江县 符阳街道", 105.8349, 28.8090),
    Premises(TOWN, "合江县 尧坝镇", 105.6934, 28.6873),
    Premises(ROOM, "合江县 尧坝镇 尧坝社区", 105.6951, 28.6889, also=("白村", "团结村")),
    Premises(TOWN, "合江县 临港街道", 105.8127, 28.8269, PLANNED),
    Premises(HEAD, "叙永县", 105.4448, 28.1559),
    Premises(TOWN, "叙永县 叙永镇", 105.4412, 28.1603),
    Premises(ROOM, "叙永县 叙永镇 东城社区", 105.4457, 28.1628, also=("中城社区", "西城社区")),
    Premises(TOWN, "叙永县 江门镇", 105.3789, 28.4186, PLANNED),
    Premises(HEAD, "古蔺县", 105.8127, 28.0388),
    Premises(TOWN, "古蔺县 彰德街道", 105.8101, 28.0412),
    Premises(TOWN, "古蔺县 二郎镇", 106.1489, 28.1297, SUSPENDED),
    Premises(TOWN, "古蔺县 太平镇", 106.0456, 28.1265),
)
