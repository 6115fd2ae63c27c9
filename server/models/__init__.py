"""Every table, importable from here: one file an aggregate."""

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
from server.models.categories import CalendarDay, Category, Policy, PromiseUnit, ServicePromise, Urgency
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
from server.models.notices import Notice
from server.models.people import Person, Role, RoleKind, Session
from server.models.photos import Photo
from server.models.records import AuditEntry, IdempotencyKey, Job, Reading
from server.models.satisfaction import CallBack, CallBackReason, Rating
from server.models.stations import (
    Coverage,
    Station,
    StationCategory,
    StationLevel,
    StationOrigin,
    StationStatus,
)

__all__ = [
    "Appeal", "Area", "AreaChange", "AreaCode", "AreaEdition", "AreaEditionHeir", "AreaEditionRow", "AreaLevel",
    "AreaName", "AreaNameKind", "AreaSuccessor", "AuditEntry", "CalendarDay", "CallBack", "CallBackReason",
    "Category", "Channel", "Coverage", "CrisisAlert", "EditionStatus", "Extension", "IdempotencyKey", "Job",
    "Need", "NeedEvent", "NeedStatus", "Notice", "Person", "Photo", "Policy", "PromiseUnit", "Rating",
    "Reading", "Referral", "Role", "RoleKind", "ServicePromise", "Session", "Station", "StationCategory",
    "StationLevel", "StationOrigin", "StationStatus", "Urgency",
]  # fmt: skip
