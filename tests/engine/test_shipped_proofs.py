"""What the proof file of each shipped rule set says is what proving the file gives."""

import json

import pytest
from django.conf import settings

from recommend.rules.proof_files import as_data, made_of, proof_path, prove_file

# Combinations of answers by level, as the clinical design counted them with an earlier prover.
COUNTS_2026_2 = {
    "outpatient": 9_103_265_140_274_569_152,
    "iop": 23_408_006_523_700_653_180_288,
    "php": 686_553_061_539_067_097_511_360,
    "inpatient": 3_485_124_581_104_013_923_974_739_200,
}


@pytest.mark.parametrize("version", ["2026.1", pytest.param("2026.2", marks=pytest.mark.slow)])
def test_proof_file_says_what_proving_gives(version: str) -> None:
    path = settings.RULESET.with_stem(version)
    stored = json.loads(proof_path(path).read_text())
    del stored["date"]
    proof = prove_file(path)
    assert made_of(path, proof.ruleset, proof.charter) | as_data(proof) == stored
    assert proof.proved


def test_every_shipped_rule_set_has_a_proof() -> None:
    versions = list(settings.RULESET.parent.glob("*.toml"))
    assert len(versions) >= 2
    assert [path.name for path in versions if not proof_path(path).is_file()] == []


def test_counts_of_2026_2_are_those_of_the_design() -> None:
    stored = json.loads(proof_path(settings.RULESET.with_stem("2026.2")).read_text())
    assert stored["combinations"] == COUNTS_2026_2
