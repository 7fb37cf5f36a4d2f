"""``script/drill all`` says of each drill what came of it, and of one that broke off that it did."""

import sys
from pathlib import Path

from drills import __main__ as drills
from drills.outcome import Outcome


def test_the_last_line_of_a_drill_is_what_came_of_it_and_the_others_are_shown(capsys):
    said = ["web: 5 s, 1 lost, 0 doubled", '{"drills": 1, "lost": 1, "doubled": 0, "unclear": ["a"]}']
    assert drills.told("web", said, 1) == Outcome(1, 0, ["a"])
    assert capsys.readouterr().out == "web: 5 s, 1 lost, 0 doubled\n"


def test_a_drill_that_broke_off_is_unclear_and_not_passed():
    for lines in ([], ["web: 5 s"]):
        assert drills.told("web", lines, 3).unclear == ["web broke off with exit code 3"]


def test_a_drill_that_does_not_end_is_ended_and_the_next_one_begins(monkeypatch, tmp_path: Path):
    endless = tmp_path / "endless"
    endless.write_text("#!/bin/sh\nexec sleep 600\n")
    endless.chmod(0o755)
    monkeypatch.setattr(drills, "LONGEST_S", 0)
    monkeypatch.setattr(sys, "executable", str(endless))
    assert drills.run_apart("web").unclear == ["web took longer than 0 s"]
