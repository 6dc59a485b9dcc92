"""Make programs for the catalog."""

from datetime import time

from recommend.programs.models import Program, ProgramSession


def make_program(name="Harbor", level="iop", sessions=(), **fields):
    fields = {"place": "12 Harbor Street", "phone": "(617) 555-0110", "languages": ["en"]} | fields
    program = Program.objects.create(name=name, level=level, **fields)
    for day, starts, ends in sessions:
        ProgramSession.objects.create(program=program, day=day, starts=time(starts), ends=time(ends))
    return program
