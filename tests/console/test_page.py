import gzip
import json
import re
from pathlib import Path

import pytest

from console import words
from console.views import content_security_policy

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),  # nothing was collected for WhiteNoise
]
CONSOLE = words.FOLDER.parent
MODULES = sorted(
    path
    for path in (CONSOLE / "static" / "console").rglob("*.js")
    if path.parent.name in ("console", "public")
)
PAGES = sorted(
    [
        *(CONSOLE / "templates" / "console").glob("*.html"),
        *(CONSOLE / "templates" / "console" / "public").glob("*.html"),
    ]
)


def test_every_language_has_the_same_keys_and_says_something_for_each():
    spoken = [words.words(language) for language in words.LANGUAGES]
    assert spoken[0].keys() == spoken[1].keys()
    assert all(text.strip() for strings in spoken for text in strings.values())


def test_every_language_fills_in_the_same_values():
    for key, text in words.words("id").items():
        assert _names(text) == _names(words.words("en")[key]), key


def test_every_key_that_a_module_says_is_known():
    for path in MODULES:
        for key in re.findall(r'\bsay\("(\w+)"', path.read_text()):
            assert key in _known(path), (path.name, key)


def test_every_key_that_a_page_says_is_known():
    for path in PAGES:
        said = re.findall(r"\{[{%][^}%]*?\bwords\.(\w+)", path.read_text())
        assert [key for key in said if key not in _known(path)] == [], path.name


def test_no_page_has_a_script_a_style_or_a_listener_of_its_own():
    for path in PAGES:
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", text), path.name


def test_no_test_of_the_citys_own_pages_waits_by_a_string_that_their_policy_forbids_to_evaluate():
    """wait_for_function looks again from within the page, where only a page of another site lets it."""
    asking = {
        path.name for path in Path(__file__).parent.rglob("*.py") if ".wait_for_function(" in path.read_text()
    }
    assert asking - {"test_page.py"} == {"test_clients.py", "test_mapsengine_layer.py"}


@pytest.mark.parametrize(("address", "language"), [("/", "id"), ("/?lang=en", "en"), ("/?lang=xx", "id")])
def test_the_address_alone_chooses_the_language(client, address, language):
    answer = client.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer["Content-Language"] == language
    assert json.loads(_carried(answer.text, "words")) == words.words(language)


def test_the_page_sets_no_cookie_and_is_the_same_for_every_browser(client):
    answer = client.get("/")
    assert not answer.cookies
    assert answer["Vary"] == "Accept-Encoding"  # compressed or not, and nothing else


def test_the_page_may_load_nothing_but_its_own(client):
    answer = client.get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "//" not in policy
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org|testserver)", answer.text)


def test_pictures_of_a_base_map_that_is_set_may_be_loaded():
    policy = content_security_policy("https://{s}.tile.example.org/{z}/{x}/{y}.png")
    assert "img-src 'self' data: https://*.tile.example.org;" in policy


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_is_only_read(client, method):
    assert getattr(client, method)("/").status_code == 405


def test_the_page_names_all_its_modules_beforehand_and_is_sent_compressed(client, city):
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip" and "Accept-Encoding" in page["Vary"]
    text = gzip.decompress(page.content).decode()
    for module in ("main.js", "points.js", "dom.js"):
        assert f'rel="modulepreload" href="/static/console/{module}"' in text, module


def test_no_module_puts_markup_into_the_page_or_outgrows_a_few_screens():
    for path in MODULES:
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), (
            path.name
        )
        assert len(text.splitlines()) < 300, path.name


def _known(path):
    parts = ("public",) if "public" in path.parts else ()
    parts += ("trouble",) if path.name == "error.html" else ()
    return words.words("id").keys() | {key for part in parts for key in words.words("id", part)}


def _names(text):
    return sorted(re.findall(r"\{(\w+)\}", text))


def _carried(html, name):
    return re.search(f'<script id="{name}" type="application/json">(.*?)</script>', html, re.DOTALL)[1]
