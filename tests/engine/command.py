"""The engine as the tests reach it: ``python manage.py recommend`` and, for what that does not tell, its verbs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from intake import content
from recommend.engine import Decision, Signals, check, complete, decide, rate
from recommend.engine.level_range import crisis_unknowns, most_informative_question

BASE = Path(__file__).resolve().parents[2]
FIRST = "2026.1"
"""The version that the oracle in ``oracle.py`` reads."""


def run(lines: Iterable[bytes], version: str = FIRST) -> tuple[list[dict[str, Any]], int]:
    """Give these lines to the command; its answers in order, and its exit status."""
    done = subprocess.run(
        [sys.executable, "manage.py", "recommend", "--ruleset", version],
        input=b"".join(line + b"\n" for line in lines),
        cwd=BASE,
        env=os.environ | {"PYTHONHASHSEED": "random"},
        capture_output=True,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def ask(cases: Mapping[str, Mapping[str, Any]], version: str = FIRST) -> dict[str, dict[str, Any]]:
    """Answer sets by id in, what the command says about each out; all of them must be good lines."""
    lines = [json.dumps({"id": name, "answers": answers}).encode() for name, answers in cases.items()]
    outputs, status = run(lines, version)
    assert [output.get("id") for output in outputs] == list(cases)
    assert status == 0, [output for output in outputs if "error" in output][:5]
    return {output["id"]: output for output in outputs}


def decision(answers: Mapping[str, Any]) -> Decision:
    """All that the engine decides about one person, by its own verbs in this process."""
    return _decided(answers)[1]


def settling(answers: Mapping[str, Any]) -> str | None:
    """The question that would settle it, as the result page names it."""
    return most_informative_question(content.ruleset(FIRST), _decided(answers)[0])


def crises_that_may_be(answers: Mapping[str, Any]) -> list[str]:
    """The unknowns that the result page names as a danger."""
    return list(crisis_unknowns(content.ruleset(FIRST), _decided(answers)[0]))


def _decided(answers: Mapping[str, Any]) -> tuple[Signals, Decision]:
    ruleset = content.ruleset(FIRST)
    signals = rate(ruleset, complete(ruleset.questions, check(ruleset.questions, answers)))
    return signals, decide(ruleset, signals)
