"""The whole catalogue of refusals: one file a noun, every class importable from here."""

from server.errors.areas import *  # noqa: F403
from server.errors.base import Refusal as Refusal
from server.errors.base import catalogue as catalogue
from server.errors.categories import *  # noqa: F403
from server.errors.common import *  # noqa: F403
from server.errors.needs import *  # noqa: F403
from server.errors.people import *  # noqa: F403
from server.errors.photos import *  # noqa: F403
from server.errors.roles import *  # noqa: F403
from server.errors.satisfaction import *  # noqa: F403
from server.errors.stations import *  # noqa: F403
from server.errors.wechat import *  # noqa: F403
