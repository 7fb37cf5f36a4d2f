"""Dots while something goes on."""

import threading

import pytest

from geoplatform.ticker import ticking


def test_what_lasts_is_seen_to_go_on_and_the_line_of_dots_is_ended():
    shown: list[str] = []
    enough = threading.Event()

    def show(text: str) -> None:
        shown.append(text)
        if len(shown) == 3:
            enough.set()

    with ticking(show, every_s=0.001):
        assert enough.wait(120)
    assert shown[:3] == ["  .", ".", "."]
    assert shown[-1] == "\n"


def test_what_is_done_at_once_shows_nothing():
    shown: list[str] = []
    with ticking(shown.append):
        pass
    assert shown == []


def test_dots_end_with_what_fails():
    shown: list[str] = []
    with pytest.raises(ValueError), ticking(shown.append, every_s=60):
        raise ValueError
    assert not any("(tick)" in thread.name for thread in threading.enumerate())
