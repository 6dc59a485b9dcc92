"""Place people in programs, as the form of a case does."""

from datetime import date, timedelta

from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import Case, PlacementState
from recommend.desk.workflow import Place
from recommend.programs.models import Program
from tests.support.programs import make_program

State = PlacementState


def a_program() -> Program:
    """Return the first program; made if there is none."""
    return Program.objects.first() or make_program()


def place(case: Case, by, starts_on: date | None = None, program: Program | None = None) -> Case:
    """Place a case in a program, by default from tomorrow on."""
    day = starts_on or timezone.localdate() + timedelta(days=1)
    workflow.record_placement(case, by, State.START_SET, Place(program or a_program()), day)
    return case
