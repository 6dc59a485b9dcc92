from recommend.desk.models.access_log import AccessEvent, ChainHead, StrangerEvent
from recommend.desk.models.case import (
    AT_DESK,
    DIFFERS,
    FINISHED_STATUSES,
    OPEN_STATUSES,
    URGENT_TIERS,
    Case,
    CaseOutcome,
    CaseStatus,
    NextAction,
    StaleReason,
    Tier,
    due,
    escalated,
    overdue,
    unacknowledged,
    unacknowledged_crisis,
    unacknowledged_urgent,
)
from recommend.desk.models.export import Export
from recommend.desk.models.outbox import OutboxMessage
from recommend.desk.models.presence import Presence
from recommend.desk.models.removal import Removal
from recommend.desk.models.staff import StaffMember
from recommend.desk.models.unsaved import UnsavedWork
from recommend.desk.models.work import CallAnswer, CaseChange, ContactAttempt, Disposition, Note

__all__ = [
    "AT_DESK",
    "DIFFERS",
    "FINISHED_STATUSES",
    "OPEN_STATUSES",
    "URGENT_TIERS",
    "AccessEvent",
    "CallAnswer",
    "Case",
    "CaseChange",
    "CaseOutcome",
    "CaseStatus",
    "ChainHead",
    "ContactAttempt",
    "Disposition",
    "Export",
    "NextAction",
    "Note",
    "OutboxMessage",
    "Presence",
    "Removal",
    "StaffMember",
    "StaleReason",
    "StrangerEvent",
    "Tier",
    "UnsavedWork",
    "due",
    "escalated",
    "overdue",
    "unacknowledged",
    "unacknowledged_crisis",
    "unacknowledged_urgent",
]
