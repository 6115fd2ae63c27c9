"""The whole catalogue of refusals: one file a noun, every class importable from here."""

from server.errors.accounts import *  # noqa: F403
from server.errors.activities import *  # noqa: F403
from server.errors.areas import *  # noqa: F403
from server.errors.base import Detail as Detail
from server.errors.base import DetailType as DetailType
from server.errors.base import Refusal as Refusal
from server.errors.base import catalogue as catalogue
from server.errors.base import variants as variants
from server.errors.bookings import *  # noqa: F403
from server.errors.categories import *  # noqa: F403
from server.errors.check_ins import *  # noqa: F403
from server.errors.common import *  # noqa: F403
from server.errors.complaints import *  # noqa: F403
from server.errors.duty import *  # noqa: F403
from server.errors.households import *  # noqa: F403
from server.errors.joinings import *  # noqa: F403
from server.errors.ledger import *  # noqa: F403
from server.errors.needs import *  # noqa: F403
from server.errors.orders import *  # noqa: F403
from server.errors.photos import *  # noqa: F403
from server.errors.points import *  # noqa: F403
from server.errors.roles import *  # noqa: F403
from server.errors.satisfaction import *  # noqa: F403
from server.errors.service_records import *  # noqa: F403
from server.errors.stations import *  # noqa: F403
from server.errors.supermarket import *  # noqa: F403
from server.errors.tasks import *  # noqa: F403
from server.errors.venues import *  # noqa: F403
from server.errors.volunteers import *  # noqa: F403
from server.errors.wechat import *  # noqa: F403
