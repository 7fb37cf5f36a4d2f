import threading

import pytest

from layers.cache import Cache


def always(value: str) -> bool:
    return True


def test_a_value_is_made_once_and_then_kept():
    cache, made = Cache(100, len), []
    for _ in range(3):
        assert cache.get("a", always, lambda: made.append(1) or "value") == "value"
    assert made == [1]


def test_a_value_that_no_longer_holds_is_made_anew():
    cache = Cache(100, len)
    cache.get("a", always, lambda: "old")
    assert cache.get("a", lambda value: value != "old", lambda: "new") == "new"
    assert cache.get("a", always, lambda: "never") == "new"


def test_a_hundred_that_ask_for_one_cold_value_have_it_made_once():
    cache, made = Cache(100, len), []
    all_ask, may_end = threading.Barrier(101, timeout=120), threading.Event()

    def make() -> str:
        made.append(1)
        assert may_end.wait(120)
        return "value"

    found = []

    def ask() -> None:
        all_ask.wait()
        found.append(cache.get("a", always, make))

    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    all_ask.wait()
    may_end.set()
    for thread in threads:
        thread.join()
    assert (found, made) == (["value"] * 100, [1])


def test_the_least_recently_used_is_dropped_where_there_is_no_room():
    cache = Cache(10, len)
    for key in ("a", "b"):
        cache.get(key, always, lambda: "12345")
    cache.get("a", always, lambda: "never")
    cache.get("c", always, lambda: "12345")
    assert cache.get("a", always, lambda: "anew") == "12345"
    assert cache.get("b", always, lambda: "anew") == "anew"


def test_a_value_larger_than_all_room_is_given_and_crowds_out_the_others():
    cache = Cache(10, len)
    cache.get("a", always, lambda: "1")
    assert cache.get("b", always, lambda: "1" * 50) == "1" * 50
    assert cache.get("a", always, lambda: "anew") == "anew"


def test_where_making_fails_the_next_one_tries():
    cache = Cache(10, len)

    def fail() -> str:
        raise KeyError("a")

    with pytest.raises(KeyError):
        cache.get("a", always, fail)
    assert cache.get("a", always, lambda: "value") == "value"


def test_what_was_cleared_is_made_anew():
    cache = Cache(10, len)
    cache.get("a", always, lambda: "old")
    cache.clear()
    assert cache.get("a", always, lambda: "new") == "new"
