"""Every table, importable from here: one file an aggregate."""

from server.models.activities import Activity, ActivityArea, ActivitySeries, ActivityStatus, Post
from server.models.areas import (
    Area,
    AreaChange,
    AreaCode,
    AreaEdition,
    AreaEditionHeir,
    AreaEditionRow,
    AreaLevel,
    AreaName,
    AreaNameKind,
    AreaSuccessor,
    EditionStatus,
)
from server.models.bookings import (
    BOOKINGS_CURRENT,
    ActivityRating,
    Attendee,
    Booking,
    BookingStatus,
    CheckInWay,
    Exemption,
    NoShow,
    Offer,
    OfferState,
    Scan,
)
from server.models.categories import CalendarDay, Category, Policy, PromiseUnit, ServicePromise, Urgency
from server.models.households import Household, HouseholdInvitation, HouseholdMember
from server.models.ledger import Account, Entry, Hold, HoldState, Transfer, TransferKind
from server.models.needs import (
    Appeal,
    Channel,
    CrisisAlert,
    Extension,
    Need,
    NeedEvent,
    NeedStatus,
    Referral,
)
from server.models.notifications import Notice, SubjectKind
from server.models.people import Person, Role, RoleKind, Session
from server.models.photos import Photo
from server.models.points import Earning, EarningRule, EarningStatus, Objection, PublicNotice, RuleKind
from server.models.satisfaction import CallBack, CallBackReason, Rating
from server.models.service_records import Certificate, RecordSource, RecordStatus, ServiceRecord
from server.models.stations import (
    Coverage,
    Station,
    StationCategory,
    StationLevel,
    StationOrigin,
    StationStatus,
)
from server.models.supermarket import Donation, Good, Order, OrderLine, OrderStatus, StockTaking
from server.models.system import AuditEntry, IdempotencyKey, Job, Reading
from server.models.tasks import TASKS_IN_HAND, Dispute, MinutesOffer, Payer, Task, TaskEvent, TaskStatus
from server.models.venues import Room, RoomKind, RoomUse
from server.models.volunteers import Ban, Team, TeamMember, Training, Volunteer, VolunteerStatus

__all__ = [
    "BOOKINGS_CURRENT", "TASKS_IN_HAND", "Account", "Activity", "ActivityArea", "ActivityRating", "ActivitySeries",
    "ActivityStatus", "Appeal", "Area", "AreaChange", "AreaCode", "AreaEdition", "AreaEditionHeir", "AreaEditionRow",
    "AreaLevel", "AreaName", "AreaNameKind", "AreaSuccessor", "Attendee", "AuditEntry", "Ban", "Booking",
    "BookingStatus", "CalendarDay", "CallBack", "CallBackReason", "Category", "Certificate", "Channel", "CheckInWay",
    "Coverage", "CrisisAlert", "Dispute", "Donation", "Earning", "EarningRule", "EarningStatus", "EditionStatus",
    "Entry", "Exemption", "Extension", "Good", "Hold", "HoldState", "Household", "HouseholdInvitation",
    "HouseholdMember", "IdempotencyKey", "Job", "MinutesOffer", "Need", "NeedEvent", "NeedStatus", "NoShow", "Notice",
    "Objection", "Offer", "OfferState", "Order", "OrderLine", "OrderStatus", "Payer", "Person", "Photo", "Policy",
    "Post", "PromiseUnit", "PublicNotice", "Rating", "Reading", "RecordSource", "RecordStatus", "Referral", "Role",
    "RoleKind", "Room", "RoomKind", "RoomUse", "RuleKind", "Scan", "ServicePromise", "ServiceRecord", "Session",
    "Station", "StationCategory", "StationLevel", "StationOrigin", "StationStatus", "StockTaking", "SubjectKind",
    "Task", "TaskEvent", "TaskStatus", "Team", "TeamMember", "Training", "Transfer", "TransferKind", "Urgency",
    "Volunteer", "VolunteerStatus",
]  # fmt: skip
