"""What hypothesis feeds a parser: its own samples, cut, repeated, nested, and mixed with signs that hurt."""

from collections.abc import Sequence

from hypothesis import strategies as some

SIGNS = (
    b"\0", b"\r\n", b'"', b"'", b"\\", b"%", b"<", b">", b"&", b";", b",", b"(", b")", b"[", b"]", b"{", b"}",
    b":", b"=", b"-", b"+", b"0", b"9" * 400, b"1e999", b"NaN", b"-0", b"null", b"true", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xc3", "९".encode(), "\u202e".encode(),
    "İ".encode(), b"../", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;",
    b"[" * 3000, b'{"a":' * 3000, b"<a>" * 3000, b"(" * 500, b"--", b"/*", b"  " * 200,
)  # fmt: skip
MOST_EDITS = 6


@some.composite
def mutated(draw: some.DrawFn, seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """Draw a sample with a few pieces cut out, doubled, or put in."""
    body = draw(some.sampled_from(list(seeds)))
    for _ in range(draw(some.integers(0, MOST_EDITS))):
        at, to = sorted(draw(some.integers(0, len(body))) for _ in range(2))
        piece = draw(
            some.one_of(
                some.just(b""),
                some.just(body[at:to] * 2),
                some.sampled_from([*SIGNS, *words]),
                some.binary(max_size=8),
            )
        )
        body = body[:at] + piece + body[draw(some.sampled_from([at, to])) :]
    return body


def texts(seeds: Sequence[str], words: Sequence[str] = ()) -> some.SearchStrategy[str]:
    """Draw samples of text, mutated, or any text at all."""
    made = mutated([seed.encode() for seed in seeds], [word.encode() for word in words])
    return some.one_of(made.map(lambda body: body.decode(errors="replace")), some.text(max_size=200))
