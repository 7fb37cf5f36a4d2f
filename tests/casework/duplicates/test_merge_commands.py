"""The commands by which reports are merged and parted again, as the how-to shows them."""

import pytest
from django.core.management import CommandError, call_command

from casework.duplicates import candidates
from casework.routing import turns
from casework.steps import workflow
from tests.casework.duplicates.test_clusters import HOUR
from tests.conftest import NOON


@pytest.fixture
def two(receive_one) -> tuple[int, int]:
    ids = receive_one(author="Budi").id, receive_one(external_id="2", author="Siti").id
    workflow.collect(NOON)
    turns.begin()
    candidates.find(NOON - HOUR)
    return ids


def run(capsys, *words: object) -> list[str]:
    call_command(*map(str, words))
    return capsys.readouterr().out.splitlines()


def test_reports_are_shown_merged_and_parted_by_command(two, capsys):
    lead, other = two
    shown = run(capsys, "duplicates", lead)
    assert shown[:3] == [
        "cluster of 1 reports, 1 citizens",
        f"  {lead}  leads",
        "1 more that candidates join to it",
    ]
    assert shown[3].startswith(f"  {other}  1 candidates away, score 0.9")
    (merged,) = run(capsys, "merge", other, "--into", lead, "--by", "Rina", "--text", "Digabung")
    number = merged.split()[1].rstrip(":")
    assert merged == f"merge {number}: 1 into {lead}, which leads 2 reports of 2 citizens"
    assert run(capsys, "duplicates", other)[2].startswith(f"  {other}  merge {number}, score 0.9")
    parted = run(capsys, "unmerge", number, "--by", "Rina", "--text", "Dibuka kembali")
    assert parted == [f"case {other} is collected again"]
    history = run(capsys, "cases", other)
    assert [line.split("  ")[1] for line in history[:2]] == [
        "collected -> duplicate",
        "duplicate -> collected",
    ]


def test_the_search_says_how_many_distinct_problems_there_are(two, capsys):
    run(capsys, "merge", two[1], "--into", two[0], "--by", "Rina", "--text", "Digabung")
    assert run(capsys, "duplicates", "--days", 36_500)[1] == "2 reports tell of 1 distinct problems"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["merge", "1", "--into", "1", "--by", "x", "--text", "x"], "into itself"),
        (["unmerge", "9", "--by", "x", "--text", "x"], "no merge 9"),
        (["duplicates", "9"], "no case 9"),
        (["proofs", "--confirm"], "need an id and --by"),
        (["proofs", "9", "--confirm", "--by", "x", "--text", "x"], "no case 9"),
    ],
)
def test_what_cannot_be_done_is_said(city, words, said):
    with pytest.raises(CommandError, match=said):
        call_command(*words)
