"""What each mention of a name is worth, by the words about it."""

from collections.abc import Iterator, Sequence

from reports.gazetteer import scores as worth
from reports.gazetteer import turns
from reports.gazetteer.names import KECAMATAN, KELURAHAN, LANDMARK, LEVELS, STREET, Name, level_of
from reports.gazetteer.scores import Evidence
from reports.gazetteer.text import Reading, Token
from reports.gazetteer.trie import Mention, Trie

#: How many words before a name may say how it is meant: "dari arah Kelurahan".
REACH = 4
LINKS = frozenset({"and", "kelurahan", "kecamatan", "at"})
#: What is heeded beyond "di" or "Kelurahan": "bukan di", but not the kali of "kali di Kelurahan".
THROUGH = ("negation", "comparison", "direction", "near")
LEVEL_ROLES = LEVELS
SAID = {STREET: "jl. "} | {level: f"{level} " for level in LEVELS}
SHIELDS = frozenset({"at", "street", *LEVEL_ROLES})


def evidence(reading: Reading, mentions: Sequence[Mention], trie: Trie) -> list[Evidence]:
    """Weigh every mention of a text by itself."""
    inside = {at for mention in mentions for at in range(mention.first, mention.last)}
    found: list[Evidence] = []
    before: tuple[Mention, float] | None = None
    for mention in mentions:
        roles = _roles(reading.tokens, mention, inside)
        mine = list(_worth(reading, mention, roles, trie))
        factor = _factor(roles)
        if before and _follows(reading.tokens, before[0], mention):
            factor = min(factor, before[1])
        factor = min(factor, _turned(reading.tokens, mention))
        for one in mine:
            one.score *= factor * mention.likeness
            one.weakened = factor < 1
        found += mine
        before = (mention, factor)
    outside = _outside(reading.tokens, inside)
    for one in found:
        one.score *= outside
    return found


def _roles(tokens: Sequence[Token], mention: Mention, inside: set[int]) -> list[str]:
    """The roles of the words right before a name, the nearest first."""
    roles: list[str] = []
    at = mention.first
    while len(roles) < REACH and at > 0 and tokens[at].in_phrase and at - 1 not in inside:
        at -= 1
        if tokens[at].tag == "number":
            continue
        role = tokens[at].tag if tokens[at].tag == "rtrw" else tokens[at].role
        if not role:
            break
        roles.append(role)
    return roles


def _factor(roles: Sequence[str]) -> float:
    """What the words before a name leave of it."""
    factor, shielded = 1.0, False
    for role in roles:
        if not shielded or role in THROUGH:
            factor = min(factor, worth.FACTORS.get(role, 1.0))
        shielded = shielded or role in SHIELDS
    return factor


def _turned(tokens: Sequence[Token], mention: Mention) -> float:
    """What is left of a name where nothing happened, or where the writer lives and it happened elsewhere."""
    if turns.is_denied(tokens, mention.first):
        return worth.FACTORS["negation"]
    return worth.HOME if turns.is_home(tokens, mention.first, mention.last) else 1.0


def _worth(reading: Reading, mention: Mention, roles: Sequence[str], trie: Trie) -> Iterator[Evidence]:
    """What the names of a mention speak for, before the words about it are heeded."""
    first, last = reading.tokens[mention.first], reading.tokens[mention.last - 1]
    tagged = worth.HASHTAG if first.tag == "hashtag" else 1.0
    words = tuple(token.word for token in reading.tokens[mention.first : mention.last])
    nearest = roles[0] if roles else ""
    for name in mention.names:
        score = _score(reading, mention, roles, trie, name)
        if score > 0:
            yield Evidence(
                level=level_of(name.code),
                code=name.code,
                score=score * tagged,
                start=first.start,
                end=last.end,
                why=SAID.get(nearest, ""),
                kind=name.kind,
                titled=nearest == name.kind,
                plain=name.kind == KELURAHAN and words in trie.plain,
                shared=name.code in trie.shared,
            )


def _score(reading: Reading, mention: Mention, roles: Sequence[str], trie: Trie, name: Name) -> float:
    """What one name of a mention is worth, by its kind and by the word before it."""
    nearest = roles[0] if roles else ""
    kinds = {one.kind for one in mention.names}
    if STREET in (name.kind, nearest):
        return _street(mention, nearest, name, kinds)
    if name.kind == LANDMARK:
        return worth.LANDMARK[level_of(name.code)]
    if nearest in LEVEL_ROLES:
        return _titled(nearest, name, kinds)
    if "district_facility" in roles:
        return worth.OF_THE_DISTRICT if name.kind == KECAMATAN else worth.PLAIN
    return _bare(reading, mention, roles, trie, name) * _mended(mention)


def _street(mention: Mention, nearest: str, name: Name, kinds: set[str]) -> float:
    """A street by its name, or a boundary's name after "Jl."."""
    if name.kind != STREET:
        return 0.0 if STREET in kinds else worth.NAMED_STREET
    if nearest == STREET:
        return worth.STREET
    single = mention.last - mention.first == 1
    return 0.0 if single or kinds & set(LEVEL_ROLES) else worth.BARE_STREET


def _titled(said: str, name: Name, kinds: set[str]) -> float:
    """A name after the word for its kind, or for another."""
    if name.kind == said:
        return worth.TITLED[said]
    if said in kinds:
        return 0.0
    return worth.MISTITLED * worth.BARE[name.kind] / worth.BARE[KELURAHAN]


def _bare(reading: Reading, mention: Mention, roles: Sequence[str], trie: Trie, name: Name) -> float:
    """A name without its kind: what it is worth hangs on what else it may be."""
    beside = "rtrw" in roles[:1] or _followed_by_neighbourhood(reading.tokens, mention)
    if name.kind != KELURAHAN:
        shared = worth.SHARED_KECAMATAN - worth.BESIDE_NEIGHBOURHOOD / 2 * beside
        return shared if name.code in trie.shared else worth.BARE[name.kind]
    words = tuple(token.word for token in reading.tokens[mention.first : mention.last])
    if words in trie.plain and (not trie.plain[words] or "thing" in roles[:1]):
        return worth.THING
    score = min(
        worth.BARE[KELURAHAN] if len(words) == 1 else worth.COMPOUND,
        worth.BEGINS_ANOTHER if name.code in trie.begins else 1.0,
        worth.SHARED if name.code in trie.shared else 1.0,
        worth.PLAIN if words in trie.plain else 1.0,
    )
    if name.code not in trie.shared:
        capital = reading.tokens[mention.first].capital and not reading.shouted
        score += worth.AFTER_PREPOSITION * ("at" in roles) + worth.CAPITAL * capital
    return score + worth.BESIDE_NEIGHBOURHOOD * beside


def _mended(mention: Mention) -> float:
    """A single word with a slip is easily another word."""
    return worth.MENDED_WORD if mention.last - mention.first == 1 and mention.likeness < 0.95 else 1.0


def _followed_by_neighbourhood(tokens: Sequence[Token], mention: Mention) -> bool:
    return mention.last < len(tokens) and tokens[mention.last].tag == "rtrw"


def _follows(tokens: Sequence[Token], before: Mention, after: Mention) -> bool:
    """Say whether two names are meant alike: "Tomang dan Kel. Slipi", "bukan Menteng Jakpus"."""
    between = tokens[before.last : after.first]
    if not between:
        return tokens[after.first].in_phrase
    return len(between) <= 3 and any(token.role in ("and", "direction") for token in between) and all(
        token.role in LINKS or token.role == "direction" for token in between
    )  # fmt: skip


def _outside(tokens: Sequence[Token], inside: set[int]) -> float:
    """What a town beyond the border leaves of every place; a direction, or one denied, takes nothing."""
    left = worth.OUTSIDE if turns.is_elsewhere(tokens, inside) else 1.0
    for at, token in enumerate(tokens):
        if token.role != "outside" or at in inside:
            continue
        before = {tokens[back].role for back in range(max(at - 2, 0), at)}
        if before & {"direction", "negation"}:
            continue
        left = min(left, worth.BORDERING if "near" in before else worth.OUTSIDE)
    return left
