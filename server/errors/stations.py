"""Refusals about stations and the areas they cover."""

from server.errors.base import Refusal, required
from server.errors.common import FieldNotEditable, InvalidState


class StationNotOperating(Refusal):
    """The station is not operating."""

    code = "station_not_operating"
    status = 409
    message = "该站点目前没有运行"


class ReceiverNotSuitable(StationNotOperating):
    """The receiving station is not operating, or does not offer the category."""

    message = "对方站点目前没有运行，或者不提供这类服务"


class PoolClosed(StationNotOperating):
    """The public pool of a station that is not operating takes nothing."""

    message = "该站点目前没有运行，公益池不能接收捐赠"


class InvalidStationState(InvalidState):
    message = "站点目前的状态不能这样变更，请刷新后再试"


class StationNotReady(Refusal):
    """A station opens only with what is `missing`: phone, address, coverage, head, social_worker."""

    code = "station_not_ready"
    status = 409
    message = "站点启用前，请先填好电话和地址、划定片区，并配齐工作人员"
    detail_types = required(missing="codes")


class CityDeskRequired(Refusal):
    """The city desk takes what no other station does: it always operates, covers no area and offers everything."""

    code = "city_desk_required"
    status = 409
    message = "市级服务台必须一直运行，不能暂停、撤销或另行划定片区和服务"


class OfficerFields(FieldNotEditable):
    """A station's head may change its hours and phones; officers change the rest."""

    message = "站长可以修改开放时间和电话，其他内容请联系主管部门修改"


class WrongAreaLevel(Refusal):
    """A room belongs to communities, a town station to towns or communities, a head station to counties.

    Some of the `areas` are of another level, or do not exist any more.
    """

    code = "wrong_area_level"
    status = 409
    message = "这一级站点不能设在或覆盖该行政区划"
    detail_types = required(areas="ids")


class AreaOutsideCounty(Refusal):
    """These `areas` are not in the station's county."""

    code = "area_outside_county"
    status = 409
    message = "只能覆盖本区县内的乡镇（街道）、村（社区）"
    detail_types = required(areas="ids")


class AreaAlreadyCovered(Refusal):
    """An area has one station of each level at a time."""

    code = "area_already_covered"
    status = 409
    message = "该区域已由同级的其他站点覆盖，请先取消原来的覆盖"
    detail_types = required(area="id", station="id")


class AreaNotCovered(Refusal):
    """The station does not cover these `areas`."""

    code = "area_not_covered"
    status = 409
    message = "该站点没有覆盖这个区域"
    detail_types = required(areas="ids")
