import json

import pytest

from ingest.canonical import decode, encode


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": [1.5, None, True, "x"]},
        {"emoji": "\U0001f30a banjir", "arabic": "\u0641\u064a\u0636\u0627\u0646"},
        {"nul": "a\0b"},
        {"half a pair": "\ud83c"},
        {"long": 1 << 70},
    ],
    ids=["plain", "emoji and right-to-left", "NUL", "half of a pair of surrogates", "more than 64 bits"],
)
def test_what_was_encoded_is_decoded_as_it_was(value):
    assert decode(encode(value)) == value


def test_equal_values_are_equal_texts_whatever_the_order_of_their_keys():
    assert encode({"a": 1, "b": {"c": 2, "d": 3}}) == encode({"b": {"d": 3, "c": 2}, "a": 1})


def test_what_is_no_number_becomes_null():
    assert decode(encode({"lat": float("nan"), "lon": float("inf")})) == {"lat": None, "lon": None}


def test_a_payload_that_an_earlier_release_kept_is_read():
    kept = json.dumps({"lat": float("nan"), "id": 1}, sort_keys=True)
    assert decode(kept)["id"] == 1
