"""Whether the server is up."""

from pydantic import Field

from miniprogram_contract.base import ContractModel


class Health(ContractModel):
    up: bool


class Readiness(ContractModel):
    database: bool
    redis: bool
    job_runner: bool = Field(
        description="Whether a job runner has given a sign of life in the last half minute; without one the server "
        "still answers, but deadlines pass unnoticed, and alarms are late"
    )
