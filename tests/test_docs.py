"""The documentation says what the code says: names, settings, options, fields, links."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, load_command_class
from django.utils.module_loading import import_string

from api.urls import urlpatterns
from ingest import feeds

ROOT = Path(settings.ROOT)
DOCS = ROOT / "docs"
OURS = (
    "geoplatform",
    "access",
    "layers",
    "boundaries",
    "staff",
    "reports",
    "subscriptions",
    "casework",
    "ingest",
    "api",
    "console",
    "fixtures",
)
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(page for app in OURS for page in (ROOT / app).rglob("*.md"))]
)
COMMANDS = {
    path.stem: path.parents[2].name
    for app in OURS
    for path in (ROOT / app).glob("management/commands/[a-z]*.py")
}
SCRIPTS = sorted(path.name for path in (ROOT / "script").glob("[a-z]*"))
LAYERS = [import_string(path) for path in settings.LAYERS]

# Pieced together, so that this very file may be looked through too.
MACHINE = re.compile(r"(?<![\w.])/(?:" + "work" + "|" + "root" + r")(?=/)")
REGISTRIES = (
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "proxy.go" + "lang.org",
)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^\s*```.*?^\s*```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)


def sections(name: str) -> dict[str, str]:
    """Each heading of a page with the text up to the next heading of the same or a higher level."""
    page = text(name)
    found = list(re.finditer(r"^(#+) (.+)$", page, re.MULTILINE))
    ends = [
        next((other.start() for other in found[index + 1 :] if len(other[1]) <= len(one[1])), len(page))
        for index, one in enumerate(found)
    ]
    return {one[2]: page[one.end() : end] for one, end in zip(found, ends, strict=True)}


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def tracked() -> list[Path]:
    """The files of the repository, those included that are not committed yet."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git repository")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def variables(path: Path) -> Iterator[str]:
    """The environment variables that a module reads by name."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=holder, attr="get" | "pop" | "setdefault"),
                args=[ast.Constant(str(name)), *_],
            ):
                pass
            case ast.Subscript(value=holder, slice=ast.Constant(str(name))):
                pass
            case ast.Compare(left=ast.Constant(str(name)), comparators=[holder]):
                pass
            case _:
                continue
        if ast.unparse(holder) in ("os.environ", "environment"):
            yield name


def test_every_relative_link_leads_to_a_file_and_an_anchor():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = (page.parent / file).resolve() if file else page
            if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_what_a_how_to_says_to_type_can_be_typed():
    # A line of its own that begins with a file of this folder needs the way to it, and its interpreter.
    bare = [
        f"{page.relative_to(ROOT)}: {line}"
        for page in sorted((ROOT / "docs/how-to").glob("*.md"))
        for block in re.findall(
            r"^ *```(?:sh|bash)\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.M | re.S
        )
        for line in block.splitlines()
        if re.match(r" *(?:manage\.py|python3? manage\.py)\b", line)
    ]
    assert bare == []


def test_a_setting_that_a_shell_would_cut_stands_in_single_quotes():
    shown = {
        f"{page.relative_to(ROOT)}: {line}"
        for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
        for line in re.findall(r"^[A-Z_]+=[^'\" \n]*[&;]\S*$", page.read_text("utf-8"), re.MULTILINE)
    }
    assert shown == set()


def test_the_index_of_decisions_lists_each_once_with_its_title():
    index = re.findall(r"^\| \[(\d{4})\]\((\S+?)\) \| (.+?) \|", text("adr/README.md"), re.MULTILINE)
    files = sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))
    assert [file for _, file, _ in index] == files
    for number, file, title in index:
        assert headings(DOCS / "adr" / file)[0] == f"{number} {title}"


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("[0-9]*.md")), ids=lambda page: page.stem)
def test_a_decision_has_context_decision_consequences_and_alternatives(page):
    assert headings(page)[1:] == ["Context", "Decision", "Consequences", "Alternatives"]


def test_a_feed_has_one_name_in_module_facts_payloads_settings_and_docs():
    folder = ROOT / "ingest" / "adapters"
    feeds = sorted(settings.ADAPTERS)
    assert sorted(path.stem for path in folder.glob("[a-z]*.py")) == feeds
    assert sorted(path.stem for path in folder.glob("*.toml")) == feeds
    assert sorted(path.name for path in (ROOT / "fixtures" / "feeds").iterdir() if path.is_dir()) == feeds
    assert sorted(re.findall(r"^## (.+)$", text("reference/feeds.md"), re.MULTILINE)) == feeds


@pytest.mark.parametrize("feed", settings.ADAPTERS)
def test_the_facts_of_a_feed_lead_to_its_docs(feed):
    facts = tomllib.loads((ROOT / "ingest" / "adapters" / f"{feed}.toml").read_text(encoding="utf-8"))
    file, _, anchor = facts["docs"].partition("#")
    assert anchor == feed
    assert anchor in anchors(ROOT / file)


def test_every_environment_variable_is_a_documented_setting():
    read = {name for app in OURS for path in (ROOT / app).rglob("*.py") for name in variables(path)}
    shell = [
        *(ROOT / "script").iterdir(),
        *(ROOT / ".ci").iterdir(),
        ROOT / "Dockerfile",
        ROOT / "compose.yaml",
    ]
    for path in shell:
        read |= set(
            re.findall(
                r"\b(?:GEOPLATFORM_[A-Z_]+[A-Z]|DATABASE_URL|POSTGRES_PASSWORD|PLAYWRIGHT_[A-Z_]+)\b",
                path.read_text("utf-8"),
            )
        )
    assert {"DATABASE_URL", "GEOPLATFORM_SECRET_KEY", "GEOPLATFORM_TILE_TIMEOUT_MS"} <= read
    documented = set(re.findall(r"^\| `([A-Z0-9_<>]+)` \|", text("reference/settings.md"), re.MULTILINE))
    assert read - documented - {"PYTHONUNBUFFERED"} == set()


def test_every_documented_setting_is_read_somewhere():
    everything = "\n".join(
        path.read_text("utf-8")
        for path in tracked()
        if path.suffix in (".py", ".yaml", "") and path != Path(__file__)
    )
    documented = re.findall(r"^\| `([A-Z0-9_<>]+)` \|", text("reference/settings.md"), re.MULTILINE)
    assert [name for name in documented if "<" not in name and name not in everything] == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_layer_is_documented_with_each_of_its_fields(layer):
    (section,) = [
        body for heading, body in sections("reference/layers.md").items() if layer.name in heading.split(", ")
    ]
    listed = {
        name
        for row in re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert listed == set(layer.fields)


def options(command: BaseCommand) -> set[str]:
    parser = command.create_parser("manage.py", "command")
    return {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented_with_each_of_its_options(command):
    section = sections("reference/commands.md")[f"manage.py {command}"]
    own = options(load_command_class(COMMANDS[command], command)) - options(BaseCommand())
    assert own == set(re.findall(r"^\| `(--[\w-]+)", section, re.MULTILINE))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_documented(script):
    assert f"script/{script}" in sections("reference/commands.md")


@pytest.mark.parametrize("module", ["geoplatform.server", "geoplatform.database", "fixtures.server"])
def test_the_options_of_what_runs_by_itself_are_documented(module):
    heading = "script/server" if module == "geoplatform.server" else f"python -m {module}"
    calls = [node for node in ast.walk(tree(Path(find_spec(module).origin))) if isinstance(node, ast.Call)]
    shown = [
        call
        for call in calls
        if "add_argument(" in ast.unparse(call)[:40] and "SUPPRESS" not in ast.unparse(call)
    ]
    found = {call.args[0].value for call in shown if call.args[0].value.startswith("-")}
    assert found == set(
        re.findall(r"^\| `(--[\w-]+)", sections("reference/commands.md")[heading], re.MULTILINE)
    )


@pytest.mark.parametrize("page", ["how-to/start-for-real.md", "../README.md"])
def test_every_host_that_is_spoken_to_without_being_asked_for_is_named(page, settings):
    settings.SIMULATED_CITY_URL = settings.FEEDS_FILE = ""
    hosts = [urlsplit(feed.url).hostname for feed in map(feeds.feed, feeds.names()) if feed.enabled]
    assert hosts == ["api.petabencana.id", "overpass-api.de"]
    assert [host for host in hosts if f"`{host}`" not in text(page)] == []


def test_every_address_of_the_api_is_documented():
    page = text("reference/http.md")
    written = [re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{pattern.pattern}") for pattern in urlpatterns]
    assert [address for address in written if address not in page] == []


def test_of_every_table_it_is_said_what_of_a_person_is_in_it():
    ours = [
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.split(".")[0] in (*OURS, "django_otp") or model._meta.app_label == "sessions"
    ]
    page = text("explanation/personal-data.md")
    assert [table for table in ours if not re.search(rf"`{table}[`.]", page)] == []


def test_every_model_is_a_word_of_the_glossary():
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    words = {re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower() for model in ours}
    assert words - set(glossary()) == set()


def test_the_glossary_is_in_order_and_has_each_word_once():
    words = glossary()
    assert words == sorted(set(words))


def glossary() -> list[str]:
    return re.findall(r"^\*\*(.+?)\*\*:", text("glossary.md"), re.MULTILINE)


def test_no_file_has_both_sides_of_a_merge():
    marks = ["<" * 7 + " ", ">" * 7 + " "]
    both = [path for path in tracked() if any(f"\n{mark}".encode() in path.read_bytes() for mark in marks)]
    assert both == []


def test_no_file_names_this_machine_or_a_registry():
    named = []
    for path in tracked():
        content = path.read_bytes().decode("utf-8", "replace")
        if MACHINE.search(content) or any(host in content for host in REGISTRIES):
            named.append(str(path.relative_to(ROOT)))
    assert named == []


def test_every_proof_of_the_threat_model_is_a_test():
    named, file = [], ""
    for part in re.findall(r"`([\w/]*?(?:\.py)?::test_\w+)`", text("explanation/threats.md")):
        name, _, test = part.partition("::")
        file = name or file
        named.append((file, test))
    assert len(named) > 50
    missing = [one for one in named if f"def {one[1]}(" not in (ROOT / "tests" / one[0]).read_text("utf-8")]
    assert missing == []
