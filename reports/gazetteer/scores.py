"""How sure each way of naming a place makes us; set on the tuning rows of the labelled texts."""

from dataclasses import dataclass

#: From it on a place may be taken without a person: docs/explanation/words-to-a-place.md has the table.
THRESHOLD = 0.75
#: And the next place that is no parent of it must be this much less sure.
MARGIN = 0.15

#: Kemendagri's own code: it is of one boundary alone.
CODED = 0.97
#: A kelurahan or area named with its kind: "Kel. Cipulir".
TITLED = {"kelurahan": 0.95, "kecamatan": 0.9, "kota": 0.6}
#: The same, where no such boundary exists at the level that was said: "kel. Tebet".
MISTITLED = 0.6
#: Named alone.
BARE = {"kelurahan": 0.7, "kecamatan": 0.7, "kota": 0.5}
COMPOUND = 0.78
#: What raises a bare kelurahan: a neighbourhood beside it, a word such as "di" before it, a capital letter.
BESIDE_NEIGHBOURHOOD, AFTER_PREPOSITION, CAPITAL = 0.18, 0.08, 0.03
#: A bare name that a kelurahan shares with its kecamatan, that begins another, or that is a word as well.
SHARED, BEGINS_ANOTHER, PLAIN = 0.55, 0.62, 0.42
#: The kecamatan of a shared name is a little likelier.
SHARED_KECAMATAN = 0.6

#: "Polsek Kebon Jeruk": there is one for each kecamatan.
OF_THE_DISTRICT = 0.72

LANDMARK = {"kelurahan": 0.7, "kecamatan": 0.64, "kota": 0.55}
STREET, BARE_STREET = 0.56, 0.36
#: "Jl. Cipulir", which no table knows: it lies there or leads there.
NAMED_STREET = 0.3

#: What a word before the name leaves of it.
FACTORS = {
    "direction": 0.5,
    "near": 0.78,
    "comparison": 0.3,
    "negation": 0.1,
    "facility": 0.6,
    "river": 0.2,
    "lane": 0.6,
    "title": 0.0,
}
THING = 0.3
#: What is left of a single bare word that was mended: "lapuk" is no Kapuk.
MENDED_WORD = 0.6
#: Of a shared name that another kelurahan has as its kecamatan: "Cipedak, Jagakarsa".
SERVES_AS_KECAMATAN = 0.6
#: Where the writer lives, of a text that says elsewhere where it happened.
HOME = 0.5
HASHTAG = 0.75
OUTSIDE, BORDERING = 0.4, 0.95

#: A boundary this sure goes before those that contain it.
LEADS = 0.7

#: A mention weaker than this neither confirms nor contradicts another.
HEARD = 0.3
#: In characters: ", Kec. " may stand between a name that is also a word and what confirms it.
NEXT = 14

#: What another part of the text adds of the rest up to 1, by the level that it confirms.
AGREES = {"kelurahan": 0.4, "kecamatan": 0.6, "kota": 0.3}
#: What is left where the text names another kecamatan or kota.
CONTRADICTS = {"kecamatan": 0.55, "kota": 0.5}
CONTRADICTS_SOFTLY = 0.85


@dataclass
class Evidence:
    """One mention: which boundary it speaks for, how strongly, and where it stands."""

    level: str
    code: str
    score: float
    start: int
    end: int
    why: str
    kind: str
    titled: bool = False
    plain: bool = False
    shared: bool = False
    weakened: bool = False

    @property
    def needs_neighbour(self) -> bool:
        """Say whether only what stands right after it can confirm it: "Jati, Pulogadung"."""
        return self.plain and not self.titled
