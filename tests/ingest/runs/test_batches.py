import sys
import threading

import pytest

from ingest.runs import batches
from ingest.runs.batches import Parsed, ahead


def parsed(batch):
    return Parsed(batch)


def test_batches_come_in_their_order():
    assert [one.batch for one in ahead(parsed, [["a"], ["b"], ["c"]])] == [["a"], ["b"], ["c"]]


def test_the_next_batch_is_parsed_while_one_is_stored():
    both = threading.Barrier(2, timeout=120)

    def parse(batch):
        if batch == ["b"]:
            both.wait()
        return Parsed(batch)

    coming = ahead(parse, [["a"], ["b"]])
    assert next(coming).batch == ["a"]
    both.wait()  # "a" is at hand, and "b" is being parsed
    assert next(coming).batch == ["b"]


def test_what_a_parser_raises_comes_at_its_place():
    def parse(batch):
        if batch == ["b"]:
            raise KeyError("b")
        return Parsed(batch)

    coming = ahead(parse, [["a"], ["b"]])
    assert next(coming).batch == ["a"]
    with pytest.raises(KeyError):
        next(coming)


def test_threads_take_their_usual_turns_again_when_the_last_run_has_ended():
    usual = sys.getswitchinterval()
    first, second = ahead(parsed, [["a"]]), ahead(parsed, [["a"]])
    next(first), next(second)
    assert sys.getswitchinterval() == pytest.approx(batches.SHORT_TURN_S)
    first.close()
    assert sys.getswitchinterval() == pytest.approx(batches.SHORT_TURN_S)
    second.close()
    assert sys.getswitchinterval() == pytest.approx(usual)
