"""Time bank 时间银行 and points: balances, gifts and donations of minutes."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import Amount, ContractModel, Id, Page
from miniprogram_contract.statements import StatementEntry
from miniprogram_contract.stations import StationReference


class MinutesBalance(ContractModel):
    """The caller's minutes."""

    minutes: int
    held: int = Field(description="Minutes set aside for help that is under way")
    spendable: int = Field(description="Minutes less those held")
    balance_limit: int = Field(description="Minutes a person may keep")


class PointsBalance(ContractModel):
    """The caller's points."""

    points: int
    held: int = Field(description="Points set aside for orders")
    spendable: int = Field(description="Points less those held")


class NewMinutesGift(ContractModel):
    """Minutes for a member of the caller's household."""

    person_id: Id
    minutes: Amount

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": 4503599627370495, "minutes": 60}]})


class NewMinutesDonation(ContractModel):
    """Minutes for a station's public pool 公益池."""

    station_id: Id
    minutes: Amount

    model_config = ConfigDict(json_schema_extra={"examples": [{"station_id": 7, "minutes": 60}]})


class PoolBalance(ContractModel):
    """A station's public pool 公益池, which pays for people in hardship."""

    station: StationReference
    minutes: int
    held: int = Field(description="Minutes set aside for help that is under way")
    spendable: int = Field(description="Minutes less those held")


class PoolStatement(Page[StatementEntry]):
    pool: PoolBalance
