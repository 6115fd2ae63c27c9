"""Whether the server is up."""

from miniprogram_contract.base import ContractModel


class Health(ContractModel):
    up: bool


class Readiness(ContractModel):
    database: bool
    redis: bool
