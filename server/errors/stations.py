"""Refusals about stations and the areas they cover."""

from server.errors.base import Refusal


class StationNotReady(Refusal):
    """The station's status does not allow the change. Details: `status`."""

    code = "station_not_ready"
    status = 409
    message = "站点目前的状态不能这样变更，请刷新后再试"


class CityDeskStays(Refusal):
    """The city desk takes what nobody else does: it is always open, covers no area and offers everything."""

    code = "city_desk_stays"
    status = 409
    message = "市级服务台必须一直开放，不能暂停、撤销或另行划定片区和服务"


class HeadEditsLittle(Refusal):
    """A station's head may change its hours and phones; the rest is the officers'. Details: `beyond`."""

    code = "head_edits_little"
    status = 403
    message = "站长可以修改开放时间和电话，其他内容请联系民政部门修改"


class WrongAreaForStation(Refusal):
    """A room stands for communities, a town station for towns or communities, a head station for counties.

    Details: `areas`, which may also have been dissolved.
    """

    code = "wrong_area_for_station"
    status = 409
    message = "这一级站点不能设在或覆盖该行政区划"


class OutsideCounty(Refusal):
    """Details: `areas` that do not lie in the station's county."""

    code = "outside_county"
    status = 409
    message = "只能覆盖本区县内的乡镇（街道）、村（社区）"


class AlreadyCovered(Refusal):
    """An area has one station of each level at a time. Details: `area`, `station`."""

    code = "already_covered"
    status = 409
    message = "该区域已由同级的其他站点覆盖，请先取消原来的覆盖"


class NotCovered(Refusal):
    """Details: `areas` the station does not cover."""

    code = "not_covered"
    status = 409
    message = "该站点没有覆盖这个区域"
