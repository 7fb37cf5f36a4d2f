"""Names of people in a citizen's words: by what stands beside them, by lists, and by the author's name; pure.

No rule knows every name. What says that one is near (a telephone number, "pak", "a.n.", the end of a letter)
decides together with how the word is written; ``words.csv`` has the words behind each rule, and the names of
streets, landmarks and kelurahan are left alone. Where in doubt, a word is struck out.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from reports import words
from reports.contacts import E_MAIL, MARKER, NAME, NUMBER

WORD = re.compile(rf"[^\W\d_]+(?:['’`-][^\W\d_]+)*|{MARKER}")
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
CONTACTS = frozenset((NUMBER, E_MAIL))


def without_names(text: str, author: str) -> str:
    """Return the text with words of the author's name and what must be names of others struck out."""
    reader = Reader(text, author)
    for rule in (reader.numbered, reader.addressed, reader.introduced, reader.listed, reader.signed):
        rule()
    return reader.struck_out()


class Reader:
    """A text word by word, and which of its words are struck out.

    Where words stand is asked for in 1 of 3 texts of the simulated city, which are kept in 1 of 5: that is
    worked out when it is asked for, and takes 20 us. So conditions that need it stand last.
    """

    def __init__(self, text: str, author: str) -> None:
        self.text = text
        self.written: list[str] = WORD.findall(text)
        self.keys = [word.casefold() for word in self.written]
        self.author = frozenset(words.PART.findall(author.casefold())) - words.TITLES
        self.struck = bytearray(len(self.keys))

    @cached_property
    def spans(self) -> Sequence[tuple[int, int]]:
        """Where each word begins and ends."""
        return [found.span() for found in WORD.finditer(self.text)]

    @cached_property
    def kept(self) -> bytearray:
        """Which words are of the name of a place: ``KNOWN``, ``BUILT`` or 0."""
        kept, known = bytearray(len(self.keys)), words.places()
        for index, key in enumerate(self.keys):
            if key in known:
                self._keep_known(kept, index, known[key])
        for index in self._where(words.ANY_PLACED_BY):
            self._keep_named(kept, index)
        return kept

    @cached_property
    def flat(self) -> bool:
        """Whether ordinary words have capitals too, so that one says nothing; RT, WA and PLN always do."""
        plain = [self._is_capital(index) for index in range(len(self.keys)) if self._is_plain(index)]
        return sum(plain) >= 4 and sum(plain) * 2 > len(plain)

    def numbered(self) -> None:
        """Strike out names beside a number or an address: "(Rudi Rekaan)", "Indra di", "a.n. Eko"."""
        for index in self._where(CONTACTS):
            self._beside(index, -1)
            self._beside(index, 1)

    def addressed(self) -> None:
        """Strike out names after honorifics, also with an office between: "pak RT Eko"."""
        for index in self._where(words.HONORIFIC):
            first, gap = index + 1, WITHIN
            while self._has(first) and self.keys[first] in words.TITLES:
                if first - index > LONGEST or not gap.fullmatch(self._gap(first - 1)):
                    break
                first, gap = first + 1, OFFICE
            if self._has(first) and gap.fullmatch(self._gap(first - 1)) and not self.kept[index]:
                self._strike_run(first, 1)

    def introduced(self) -> None:
        """Strike out names after such words as "nama saya", "saya", "a.n.", "salam"."""
        for index in self._where(words.INTRODUCING):
            first = index + 1
            strength = self._introduces(index) if self._has(first) else ""
            if not strength or not AFTER.fullmatch(self._gap(index)):
                continue
            capital = self._is_capital(first)
            sure = self._is_name(first) and (capital or strength != "from" or self._is_sure(first))
            new = SENTENCE.search(self._gap(index))
            written = strength == "intro" and capital and not new and not self.flat
            if sure or written or strength == "name":
                self._strike_run(first, 1, anyhow=strength == "name")

    def listed(self) -> None:
        """Strike out names of the list and the author's, with the words that belong to them."""
        for index in sorted({*self._where(words.GIVEN), *self._where(self.author)}):
            if self._is_sure(index) and not self.kept[index] and not self.struck[index]:
                self._strike_run(index, 1)
                if index and self._is_capital(index) and self._joins(index - 1):
                    self._strike(self._run(index - 1, -1))

    def signed(self) -> None:
        """Strike out a name that the text ends with, apart from its last sentence: "Terima kasih, Budi"."""
        last = len(self.keys) - 1
        run = self._run(last, -1)
        if not run or run[-1] == 0 or any(self.keys[index] in words.place_words() for index in run):
            return
        if self.flat or re.search(r"\w", self.text[self.spans[last][1] :]):
            return
        if SIGNED.fullmatch(self._gap(run[-1] - 1)):
            self._strike(run)

    def struck_out(self) -> str:
        """Return the text, a marker for each name."""
        if not any(self.struck):
            return self.text
        parts: list[str] = []
        done = 0
        for index, (start, end) in enumerate(self.spans):
            if not self.struck[index]:
                continue
            if not (index and self.struck[index - 1] and self._joins(index - 1)):
                parts += [self.text[done:start], NAME]
            done = end
        return "".join([*parts, self.text[done:]])

    def _where(self, wanted: frozenset[str]) -> list[int]:
        """Return the indices of words of a set, in order."""
        # Most texts have none: to see it takes 0.2 us, to go through the words 1 us.
        if wanted.isdisjoint(self.keys):
            return []
        return [index for index, key in enumerate(self.keys) if key in wanted]

    def _has(self, index: int) -> bool:
        return 0 <= index < len(self.keys)

    def _gap(self, index: int) -> str:
        """Return what lies between a word and the next."""
        return self.text[self.spans[index][1] : self.spans[index + 1][0]]

    def _joins(self, index: int) -> bool:
        """Say whether a word and the next may be of one name; a full stop joins short ones only: "H. B"."""
        gap = self._gap(index)
        return WITHIN.fullmatch(gap) is not None and ("." not in gap or len(self.written[index]) <= 3)

    def _is_capital(self, index: int) -> bool:
        return self.written[index][0].isupper()

    def _is_name(self, index: int) -> bool:
        """Say whether a word is a listed name or one of the author's, in letters of any size."""
        word = self.keys[index]
        return (word in words.names() or word in self.author) and self.kept[index] != BUILT

    def _is_sure(self, index: int) -> bool:
        word = self.keys[index]
        return word in words.GIVEN or (word in self.author and len(word) > 2 and not words.is_ordinary(word))

    def _may_be_name(self, index: int) -> bool:
        """Say whether a word is written as a name is and is no ordinary word, place or abbreviation."""
        if self._is_name(index):
            return True
        return self._is_capital(index) and not self._is_known(index) and not self.kept[index]

    def _is_known(self, index: int) -> bool:
        """Say whether a word is a marker, an ordinary word or an abbreviation: none of them a name."""
        written = self.written[index]
        return (
            written[0] == "["
            or words.is_ordinary(self.keys[index])
            or (len(written) in (2, 3) and written.isupper() and not self.flat)
        )

    def _is_plain(self, index: int) -> bool:
        return len(self.written[index]) > 3 and self.keys[index] in words.ordinary() and not self.kept[index]

    def _is_listed(self, index: int) -> bool:
        """Say whether a word is kept, a marker, or on a list of ordinary words."""
        word = self.keys[index]
        return bool(self.kept[index]) or word[0] == "[" or word in words.ordinary()

    def _run(self, first: int, step: int, anyhow: bool = False) -> list[int]:
        """Return the words of a name from one on, forwards or backwards."""
        run: list[int] = []
        index = first
        # What another rule has struck out is as good as a marker.
        while self._has(index) and not self.struck[index] and len(run) < LONGEST:
            if run and not self._joins(min(index, index - step)):
                break
            if not (self._may_be_name(index) or self._goes_on(index, run, step, anyhow)):
                break
            run.append(index)
            index += step
        return run

    def _goes_on(self, index: int, run: Sequence[int], step: int, anyhow: bool) -> bool:
        """Say whether a word belongs to a name for what stands before it, though not written as one."""
        # "Indra Misalnya": within a name, a word that only looks inflected is one more of it.
        if run and self._is_capital(index) and not self._is_listed(index) and not self.flat:
            return True
        # Written small, the word after a name is one more of it: "rudi rekaan".
        follows = step > 0 and run and not self._is_capital(run[-1]) and self._is_name(run[-1])
        may_be_small = bool(anyhow or follows) and len(run) < 2
        return may_be_small and not self._is_known(index) and not self.kept[index]

    def _strike_run(self, first: int, step: int, anyhow: bool = False) -> None:
        run = self._run(first, step, anyhow)
        # Initials alone are no name.
        if any(len(self.written[index]) > 1 for index in run):
            self._strike(run)

    def _strike(self, run: Iterable[int]) -> None:
        for index in run:
            self.struck[index] = 1

    def _beside(self, index: int, step: int) -> None:
        """Strike out a name that only words such as "di" part from a number, on one side of it."""
        links = words.BEFORE_NUMBER if step < 0 else words.AFTER_NUMBER
        first, gaps = index + step, ""
        while self._has(first):
            gap = self._gap(min(first, first - step))
            gaps += gap
            if not BESIDE.fullmatch(gap):
                return
            if self.keys[first] not in links or abs(first - index) > LONGEST:
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
        if self._has(before) and self.keys[before] in words.CALLED and AFTER.fullmatch(self._gap(before)):
            return run
        return self._run(first, step)

    def _introduces(self, index: int) -> str:
        """Return how surely a name follows a word: by kind of ``words.csv``, or empty."""
        word = self.keys[index]
        both = (self.keys[index - 1] if index else "", word)
        if both in words.NAMING or word in words.words("name"):
            return "name"
        if word == "nama" and ":" in self._gap(index):
            return "name"
        if word in words.words("intro") or both == ("terima", "kasih"):
            return "intro"
        return "from" if word in words.FROM else ""

    def _keep_known(self, kept: bytearray, index: int, several: Iterable[tuple[str, ...]]) -> None:
        """Keep the known place whose name begins with a word, unless a person is spoken of."""
        addressed = index > 0 and self.keys[index - 1] in words.ADDRESSED
        for parts in several:
            end = index + len(parts)
            if tuple(self.keys[index:end]) != parts or (addressed and parts[0] in words.names()):
                continue
            if all(self._joins(one) for one in range(index, end - 1)):
                for one in range(index, end):
                    kept[one] = BUILT if len(parts) > 1 else max(KNOWN, kept[one])
                return

    def _keep_named(self, kept: bytearray, index: int) -> None:
        """Keep what stands after such words as "Jl.", "Masjid", "depan"."""
        kind = next(kind for kind, before in words.PLACED_BY.items() if self.keys[index] in before)
        for one in range(index + 1, min(index + 1 + LONGEST, len(self.keys))):
            if not PLACED.fullmatch(self._gap(one - 1)) or not self._is_placed(
                one, kind, first=one == index + 1
            ):
                return
            kept[one] = BUILT

    def _is_placed(self, index: int, kind: str, first: bool) -> bool:
        """Say whether a word goes on with, or begins, the name of a place."""
        word, before = self.keys[index], self.keys[index - 1]
        if word in words.HONORIFIC:
            return kind == "street"
        person = word in words.GIVEN or word in self.author
        if person and (kind == "near" if first else before in words.TAIL):
            return False
        if word in words.TAIL or word in words.PLACED_BY["place"]:
            return True
        if word[0] == "[" or words.is_ordinary(word):
            return False
        return self._is_capital(index) or kind == "street"
