"""Where the lines of a CSV end: as Arrow reads it, in one pass, and with a word where quotes do not match."""

import itertools
import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from boundaries import lines, tables
from geoplatform.errors import InvalidRequest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "in.csv"


def rows(content):
    """The rows of two columns that Arrow reads in one go, or None where it reads none."""
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(column_names=["a", "b"]),
            arrow_csv.ParseOptions(newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types={"a": pa.string(), "b": pa.string()}, strings_can_be_null=False
            ),
        ).to_pylist()
    except pa.ArrowInvalid:
        return None


PLAIN = st.text(st.sampled_from('ab" é'), max_size=5).filter(lambda text: not text.startswith('"'))
QUOTED = st.text(st.sampled_from('ab,"\n\r é'), max_size=6).map(
    lambda text: '"' + text.replace('"', '""') + '"'
)
BEHIND = st.text(st.sampled_from('ab" '), max_size=2).filter(lambda text: not text.startswith('"'))
FIELDS = PLAIN | QUOTED | st.tuples(QUOTED, BEHIND).map("".join)
LINES = st.tuples(FIELDS, FIELDS, st.sampled_from(["\n", "\r\n", "\r", "\n\n"])).map(
    lambda line: f"{line[0]},{line[1]}{line[2]}"
)
SLOWLY = settings(max_examples=300)


@SLOWLY
@given(st.lists(LINES, min_size=1, max_size=20), st.integers(1, 40))
def test_what_is_read_in_spans_is_what_arrow_reads_in_one_go(path, written, size):
    content = "".join(written).encode()
    path.write_bytes(content)
    cuts = [0, *lines.ends(path, 0, size)]
    assert cuts[-1] == len(content)
    apart = [content[a:b] for a, b in itertools.pairwise(cuts)]
    assert [row for part in apart if not part.isspace() for row in rows(part)] == rows(content)


@SLOWLY
@given(st.text(st.sampled_from('a,"\n\r'), min_size=1, max_size=40), st.integers(1, 10))
def test_no_row_is_invented_however_quotes_lie(path, text, size):
    content = text.encode()
    path.write_bytes(content)
    try:
        cuts = [0, *lines.ends(path, 0, size)]
    except InvalidRequest as error:
        assert "quotes do not match" in str(error)
        return
    parts = [rows(content[a:b]) for a, b in itertools.pairwise(cuts) if not content[a:b].isspace()]
    if rows(content) is not None and None not in parts:
        assert [row for part in parts for row in part] == rows(content)


def test_a_quote_within_a_field_opens_nothing(path):
    path.write_bytes(b'a,5" pipe\n' + b'b,"line\n1, 2"\n' * 3)
    assert list(lines.ends(path, 0, 12)) == [24, 38, 52]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'a,b\nc,"d\ne,f\n', "quotes do not match: those that open in line 2 do not close"),
        (b'a,b\r\n\r\nc,"d""\r\n', "quotes do not match: those that open in line 3 do not close"),
        (b'a,b\rc,"d', "quotes do not match: those that open in line 2 do not close"),
        (b'a,b\nc,"d' + b"\ne,f" * 500, "quotes do not match, or line 2 has more than 1,000 bytes"),
        (
            b'a,b\nc,"d' + b"\ne,f" * 500 + b'"\ng,h\n',
            "quotes do not match, or line 2 has more than 1,000 bytes",
        ),
        (b"a,b\nc," + b"d" * 2000, "in.csv: line 2 has more than 1,000 bytes"),
    ],
)
@pytest.mark.parametrize("size", [7, 300, 100_000])
def test_a_line_without_an_end_is_refused_by_its_number(path, monkeypatch, content, said, size):
    monkeypatch.setattr(lines, "LONGEST", 1000)
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match=said):
        list(lines.ends(path, 0, size))


def test_quotes_that_never_close_cost_one_pass_and_no_memory(path, monkeypatch):
    reads = []
    go_on = lines._go_on
    monkeypatch.setattr(lines, "_go_on", lambda block, *rest: reads.append(len(block)) or go_on(block, *rest))
    path.write_bytes(b'a,"b\n' + b"c,d\n" * 5_000_000)
    tracemalloc.start()
    with pytest.raises(InvalidRequest, match="quotes do not match, or line 1 has"):
        list(lines.ends(path, 0, 16 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(reads) == lines.LONGEST + lines.BLOCK
    assert peak < 1 << 20


def test_the_first_line_is_found_wherever_blocks_end(path, monkeypatch):
    monkeypatch.setattr(lines, "BLOCK", 3)
    path.write_bytes(b'\xef\xbb\xbf"lo\nn",5" lat\r1,2\r')
    assert lines.first_end(path, 3) == 17
    table = tables.find(path, lon="lo\nn", lat='5" lat')
    assert [batch.to_pylist() for span in table.whole() for batch in table.read(span)] == [
        [{"lo\nn": "1", '5" lat': "2"}]
    ]
