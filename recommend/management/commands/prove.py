import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from recommend.engine import ContentError
from recommend.engine.analysis.checks import Check
from recommend.engine.analysis.proof import Proof
from recommend.engine.content_file import ContentFile
from recommend.rules.decided_versions import decided_files, problem_with
from recommend.rules.proof_files import as_data, prove_file, refusal_as_data, write_proof


class Command(BaseCommand):
    help = "Proves a rule set and its charter over every possible answer. Exit status 1 if it fails."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=settings.RULESET, help="default: the shipped one"
        )
        parser.add_argument(
            "--charter", type=Path, help="a charter to prove instead of the one the file names"
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument(
            "--write", action="store_true", help="write the proof beside the file, if it changed"
        )

    def handle(self, *args: Any, file: Path, json: bool, **options: Any) -> None:
        charter: Path | None = options["charter"]
        try:
            if charter and options["write"]:
                raise CommandError("--write is for the charter that the file names: leave out --charter")
            self.refuse_changed(file)
            proof = prove_file(file, charter)
        except ContentError as error:
            self.report(refusal_as_data(error), json, [f"REFUTED  loads: {error}"])
            sys.exit(1)
        self.report(as_data(proof), json, table(proof))
        if not proof.proved:
            sys.exit(1)
        if options["write"]:
            target = write_proof(file, proof, timezone.localdate())
            self.stderr.write(f"written: {target.name}" if target else "the proof file says the same already")

    def refuse_changed(self, file: Path) -> None:
        """Refuse a shipped rule set if its file, or its questionnaire's, changed after it decided a stored case.

        Raises:
            ContentError: which file changed, and what to do.
        """
        if file.resolve().parent != settings.RULESET.resolve().parent:
            return  # a file in another folder has decided nothing
        try:
            files = list(decided_files())
        except DatabaseError:
            return  # no tables yet, or no database, which a system check reports
        questions = ContentFile(file).raw.get("questionnaire")
        own = {file.name, f"{questions}.toml"}
        for decided in files:
            if decided.path.name in own and (problem := problem_with(decided)):
                raise ContentError(decided.path, "the file", problem)

    def report(self, data: dict[str, Any], as_json: bool, lines: list[str]) -> None:
        self.stdout.write(json.dumps(data, indent=1) if as_json else "\n".join(lines))


def table(proof: Proof) -> list[str]:
    """Return the lines to print about a proof: its checks, a counterexample under each failed one, and the counts."""
    total = sum(proof.combinations.values())
    return [
        *(line for check in proof.checks for line in check_lines(check)),
        "",
        *(
            f"{level.id:10} {count:>28,}  {count / total:10.4%}"
            for level, count in proof.combinations.items()
        ),
        f"{'all':10} {total:>28,}  combinations of answers to the rated questions",
        "",
        "proved" if proof.proved else "NOT PROVED",
    ]


def check_lines(check: Check) -> list[str]:
    lines = [f"{'proved  ' if check.proved else 'REFUTED '} {check.id}: {check.about}"]
    if check.counterexample is not None:
        lines += [f"           {id} = {', '.join(chosen)}" for id, chosen in check.counterexample.items()]
    if check.instead is not None:
        lines += [f"           changed to {id} = {', '.join(chosen)}" for id, chosen in check.instead.items()]
    return lines
