from recommend.desk.models.access_log import AccessEvent, ChainHead, StrangerEvent
from recommend.desk.models.case import (
    AT_DESK,
    DIFFERS,
    FINISHED_STATUSES,
    FOLLOW_UPS,
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
from recommend.desk.models.hold import LegalHold, in_force
from recommend.desk.models.openings_link import LINK_LIFE, OpeningsLink
from recommend.desk.models.outbox import OutboxMessage
from recommend.desk.models.placement import (
    CURRENT_STATES,
    WITH_A_START,
    Placement,
    PlacementReason,
    PlacementState,
    PlacementStep,
)
from recommend.desk.models.presence import Presence
from recommend.desk.models.removal import Removal
from recommend.desk.models.saved_view import SavedView
from recommend.desk.models.staff import StaffMember
from recommend.desk.models.unsaved import UnsavedWork
from recommend.desk.models.work import CallAnswer, CaseChange, ContactAttempt, Disposition, Note

__all__ = [
    "AT_DESK",
    "CURRENT_STATES",
    "DIFFERS",
    "FINISHED_STATUSES",
    "FOLLOW_UPS",
    "LINK_LIFE",
    "OPEN_STATUSES",
    "URGENT_TIERS",
    "WITH_A_START",
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
    "LegalHold",
    "NextAction",
    "Note",
    "OpeningsLink",
    "OutboxMessage",
    "Placement",
    "PlacementReason",
    "PlacementState",
    "PlacementStep",
    "Presence",
    "Removal",
    "SavedView",
    "StaffMember",
    "StaleReason",
    "StrangerEvent",
    "Tier",
    "UnsavedWork",
    "due",
    "escalated",
    "in_force",
    "overdue",
    "unacknowledged",
    "unacknowledged_crisis",
    "unacknowledged_urgent",
]
