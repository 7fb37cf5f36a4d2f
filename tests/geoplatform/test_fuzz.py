"""Each parser of ours takes or refuses what strangers send: a few inputs here, script/fuzz for thousands."""

import json

from hypothesis import strategies as some

from geoplatform.errors import InvalidRequest
from tests.fuzz.run import fed, main
from tests.fuzz.targets import Target, every


def test_no_parser_raises_what_it_does_not_name(capsys):
    assert main(["all", "--examples", "12"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [one["parser"] for one in told["parsers"]] == list(every())
    assert all(
        one["inputs"] >= 12 and one["taken"] + one["refused"] == one["inputs"] for one in told["parsers"]
    )


def test_one_that_does_is_found_with_the_smallest_input(capsys):
    def broken(text: str) -> None:
        if not text:
            raise InvalidRequest("nothing")
        raise KeyError(text)

    counts = fed(Target("broken", some.text(max_size=9), broken), 50, 0)
    assert counts["failed"] == 1
    assert "KeyError: '0'" in capsys.readouterr().err
