"""Names of people in a citizen's words: by what stands beside them, by lists, and by the author's name; pure.

No rule knows every name. What says that one is near (a telephone number, "pak", "a.n.", the end of a letter)
decides together with how the word is written; ``words.csv`` has the words behind each rule, and the names of
streets, landmarks and kelurahan are left alone. Where in doubt, a word is struck out.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from reports.contacts import E_MAIL, MARKER, NAME, NUMBER, strike
from reports.words import is_ordinary, names, ordinary, place_words, places, words

WORD = re.compile(rf"{MARKER}|[^\W\d_]+(?:['’`-][^\W\d_]+)*")
LONGEST = 4  # words of one name
# What may lie between two words of a name; between one and a number; between one and "a.n.", "pak RT 05".
WITHIN = re.compile(r"\.?[^\S\n]{1,2}|\.")
BESIDE = re.compile(r"[^\w\[\]]{0,6}")
AFTER = re.compile(r"[\s.,:;!()*/\"'-]{1,4}")
SENTENCE = re.compile(r"[.!?]\s")
PLACED = re.compile(r"[.:]?[^\S\n]{0,2}")
OFFICE = re.compile(r"[\s.\d/:]{1,8}")
# Before a signature: a comma, a new line, the end of a sentence, a dash or a bracket.
SIGNED = re.compile(r"[^\w\[\]]{0,3}[,.!?\n(~–—-][^\w\[\]]{0,4}")
# Kept as a known place of one word, which may be a person all the same; as any other name of a place.
KNOWN, BUILT = 1, 2


class Word(NamedTuple):
    """One word, or one marker, of a text, also in small letters."""

    start: int
    end: int
    key: str
    capital: bool


def without_names(text: str, author: str) -> str:
    """Return the text with the author's name and what must be names of others struck out."""
    for pattern in _whole(author):
        text = strike(pattern, text, lambda found: NAME)
    reader = Reader(text, author)
    for rule in (reader.numbered, reader.addressed, reader.introduced, reader.listed, reader.signed):
        rule()
    return reader.struck_out()


def _whole(author: str) -> Iterable[str]:
    """Return patterns of all of an author's name: as it is, in one word or several, back to front."""
    parts = [part for part in re.findall(r"[^\W\d_]+", author) if len(part) > 1][:8]
    if all(is_ordinary(part.casefold()) for part in parts):
        return  # "Warga Jakarta" is nobody's name.
    yield rf"(?<!\w){re.escape(author.strip())}(?!\w)"
    between = r"(?:[^\w\[\]]|_){0,3}"
    for several in (parts, parts[::-1]) if len(parts) > 1 else ():
        yield rf"(?<![^\W_]){between.join(map(re.escape, several))}(?:_?\d{{1,4}})?(?![^\W_])"


class Reader:
    """A text word by word, and which of its words are struck out."""

    def __init__(self, text: str, author: str) -> None:
        self.text = text
        self.words = [
            Word(found.start(), found.end(), found[0].casefold(), found[0][0].isupper())
            for found in WORD.finditer(text)
        ]
        parts = frozenset(re.findall(r"[^\W\d_]{2,}", author.casefold()))
        self.author = parts - words("honorific") - words("role")
        self.struck = bytearray(len(self.words))
        self.kept = bytearray(len(self.words))
        for index in range(len(self.words)):
            self._keep_known(index)
        for index in range(len(self.words)):
            self._keep_named(index)
        # Where ordinary words have capitals too, a capital says nothing; RT, WA and PLN always have them.
        plain = [word.capital for index, word in enumerate(self.words) if self._is_plain(index)]
        self.flat = sum(plain) >= 4 and sum(plain) * 2 > len(plain)

    def numbered(self) -> None:
        """Strike out names beside a number or an address: "(Rudi Rekaan)", "Indra di", "a.n. Eko"."""
        for index, word in enumerate(self.words):
            if word.key in (NUMBER, E_MAIL):
                self._beside(index, -1)
                self._beside(index, 1)

    def addressed(self) -> None:
        """Strike out names after honorifics, also with an office between: "pak RT Eko"."""
        for index, word in enumerate(self.words):
            if word.key not in words("honorific") or self.kept[index]:
                continue
            first, gap = index + 1, WITHIN
            while self._has(first) and self.words[first].key in words("role") | words("honorific"):
                if first - index > LONGEST or not gap.fullmatch(self._gap(first - 1)):
                    break
                first, gap = first + 1, OFFICE
            if self._has(first) and gap.fullmatch(self._gap(first - 1)):
                self._strike_run(first, 1)

    def introduced(self) -> None:
        """Strike out names after such words as "nama saya", "saya", "a.n.", "salam"."""
        for index in range(len(self.words) - 1):
            strength = self._introduces(index)
            if not strength or not AFTER.fullmatch(self._gap(index)):
                continue
            first = index + 1
            sure = self._is_name(first) and (
                self.words[first].capital or strength != "from" or self._is_sure(first)
            )
            new = SENTENCE.search(self._gap(index))
            written = strength == "intro" and self.words[first].capital and not self.flat and not new
            if sure or written or strength == "name":
                self._strike_run(first, 1, anyhow=strength == "name")

    def listed(self) -> None:
        """Strike out names of the list and the author's, with the words that belong to them."""
        for index in range(len(self.words)):
            if self._is_sure(index) and not self.kept[index] and not self.struck[index]:
                self._strike_run(index, 1)
                if index and self.words[index].capital and self._joins(index - 1):
                    self._strike(self._run(index - 1, -1))

    def signed(self) -> None:
        """Strike out a name that the text ends with, apart from its last sentence: "Terima kasih, Budi"."""
        if self.flat or not self.words or re.search(r"\w", self.text[self.words[-1].end :]):
            return
        last = len(self.words) - 1
        run = self._run(last, -1)
        if not run or run[-1] == 0 or any(self.words[index].key in place_words() for index in run):
            return
        if SIGNED.fullmatch(self._gap(run[-1] - 1)):
            self._strike(run)

    def struck_out(self) -> str:
        """Return the text, a marker for each name."""
        parts: list[str] = []
        done = 0
        for index, word in enumerate(self.words):
            if not self.struck[index]:
                continue
            if index and self.struck[index - 1] and self._joins(index - 1):
                done = word.end
                continue
            parts += [self.text[done : word.start], NAME]
            done = word.end
        return "".join([*parts, self.text[done:]])

    def _has(self, index: int) -> bool:
        return 0 <= index < len(self.words)

    def _gap(self, index: int) -> str:
        """Return what lies between a word and the next."""
        return self.text[self.words[index].end : self.words[index + 1].start]

    def _joins(self, index: int) -> bool:
        """Say whether a word and the next may be of one name; a full stop joins short ones only: "H. B"."""
        gap, word = self._gap(index), self.words[index]
        return WITHIN.fullmatch(gap) is not None and ("." not in gap or word.end - word.start <= 3)

    def _is_name(self, index: int) -> bool:
        """Say whether a word is a listed name or one of the author's, in letters of any size."""
        word = self.words[index].key
        return self.kept[index] != BUILT and (word in names() or word in self.author)

    def _is_sure(self, index: int) -> bool:
        word = self.words[index].key
        return word in words("given") or (word in self.author and len(word) > 2 and not is_ordinary(word))

    def _may_be_name(self, index: int) -> bool:
        """Say whether a word is written as a name is and is no ordinary word, place or abbreviation."""
        word = self.words[index]
        if self._is_name(index):
            return True
        return word.capital and not self.kept[index] and not self._is_known(index)

    def _is_known(self, index: int) -> bool:
        """Say whether a word is a marker, an ordinary word or an abbreviation: none of them a name."""
        word = self.words[index]
        written = self.text[word.start : word.end]
        return (
            written[0] == "["
            or is_ordinary(word.key)
            or (not self.flat and len(written) in (2, 3) and written.isupper())
        )

    def _is_plain(self, index: int) -> bool:
        word = self.words[index]
        return not self.kept[index] and word.end - word.start > 3 and word.key in ordinary()

    def _is_listed(self, index: int) -> bool:
        """Say whether a word is kept, a marker, or on a list of ordinary words."""
        word = self.words[index].key
        return bool(self.kept[index]) or word[0] == "[" or word in ordinary()

    def _run(self, first: int, step: int, anyhow: bool = False) -> list[int]:
        """Return the words of a name from one on, forwards or backwards."""
        run: list[int] = []
        index = first
        # What another rule has struck out is as good as a marker.
        while self._has(index) and not self.struck[index] and len(run) < LONGEST:
            if run and not self._joins(min(index, index - step)):
                break
            # Written small, the word after a name is one more of it: "rudi rekaan".
            small = len(run) < 2 and not self.kept[index] and not self._is_known(index)
            follows = step > 0 and run and not self.words[run[-1]].capital and self._is_name(run[-1])
            # "Indra Misalnya": within a name, a word that only looks inflected is one more of it.
            looks = run and self.words[index].capital and not self.flat and not self._is_listed(index)
            if not (self._may_be_name(index) or looks or (small and (anyhow or follows))):
                break
            run.append(index)
            index += step
        return run

    def _strike_run(self, first: int, step: int, anyhow: bool = False) -> None:
        run = self._run(first, step, anyhow)
        # Initials alone are no name.
        if any(self.words[index].end - self.words[index].start > 1 for index in run):
            self._strike(run)

    def _strike(self, run: Iterable[int]) -> None:
        for index in run:
            self.struck[index] = 1

    def _beside(self, index: int, step: int) -> None:
        """Strike out a name that only words such as "di" part from a number, on one side of it."""
        links = words("link") if step < 0 else words("link") | words("honorific") | words("role")
        first, gaps = index + step, ""
        while self._has(first):
            gap = self._gap(min(first, first - step))
            gaps += gap
            if not BESIDE.fullmatch(gap):
                return
            if self.words[first].key not in links or abs(first - index) > LONGEST:
                break
            first += step
        if not self._has(first) or (step > 0 and SENTENCE.search(gaps) and not self._is_name(first)):
            return
        self._strike(self._run_beside(first, step, anyhow="(" in gaps or first - index > 1))

    def _run_beside(self, first: int, step: int, anyhow: bool) -> list[int]:
        if step > 0:
            return self._run(first, step, anyhow)
        run = self._run(first, step, anyhow=True)
        before = run[-1] - 1 if run else -1
        called = words("call") | words("honorific") | words("name") | words("intro")
        if self._has(before) and self.words[before].key in called and AFTER.fullmatch(self._gap(before)):
            return run
        return self._run(first, step)

    def _introduces(self, index: int) -> str:
        """Return how surely a name follows a word: by kind of ``words.csv``, or empty."""
        word = self.words[index].key
        both = (self.words[index - 1].key if index else "", word)
        if both in {("nama", "saya"), ("nama", "sy"), ("atas", "nama"), ("a", "n")} or word in words("name"):
            return "name"
        if word == "nama" and ":" in self._gap(index):
            return "name"
        if word in words("intro") or both == ("terima", "kasih"):
            return "intro"
        return "from" if word in words("from") | words("call") else ""

    def _keep_known(self, index: int) -> None:
        """Keep the known place whose name begins with a word, unless a person is spoken of."""
        person = words("honorific") | words("intro") | words("call")
        addressed = index > 0 and self.words[index - 1].key in person
        for parts in places().get(self.words[index].key, ()):
            found = tuple(word.key for word in self.words[index : index + len(parts)])
            inside = all(self._joins(one) for one in range(index, index + len(found) - 1))
            if found == parts and inside and not (addressed and parts[0] in names()):
                for one in range(index, index + len(parts)):
                    self.kept[one] = BUILT if len(parts) > 1 else max(KNOWN, self.kept[one])
                return

    def _keep_named(self, index: int) -> None:
        """Keep what stands after such words as "Jl.", "Masjid", "depan"."""
        word = self.words[index].key
        kind = next((kind for kind in ("street", "place", "near") if word in words(kind)), "")
        following = range(index + 1, min(index + 1 + LONGEST, len(self.words))) if kind else range(0)
        for one in following:
            if not PLACED.fullmatch(self._gap(one - 1)) or not self._is_placed(
                one, kind, first=one == index + 1
            ):
                return
            self.kept[one] = BUILT

    def _is_placed(self, index: int, kind: str, first: bool) -> bool:
        """Say whether a word goes on with, or begins, the name of a place."""
        word, before = self.words[index], self.words[index - 1]
        if word.key in words("honorific"):
            return kind == "street"
        person = word.key in words("given") or word.key in self.author
        if person and (kind == "near" if first else self.kept[index - 1] and before.key in words("tail")):
            return False
        if word.key in words("tail") | words("place"):
            return True
        if word.key[0] == "[" or is_ordinary(word.key):
            return False
        return word.capital or kind == "street"
