"""Whether the server is up."""

from miniprogram_contract.shapes import Shape


class Health(Shape):
    up: bool


class Ready(Shape):
    database: bool
    redis: bool
