"""What the pages for citizens say, and load: every word in both languages, nothing from elsewhere."""

import re

import pytest

from console import words

TEMPLATES = words.FOLDER.parent / "templates" / "console" / "voices"
MODULES = words.FOLDER.parent / "static" / "console" / "voices"
PAGES = sorted(TEMPLATES.glob("*.html"), key=lambda path: path.name)
SCRIPTS = sorted(MODULES.glob("*.js"), key=lambda path: path.name)


def test_each_word_is_said_in_both_languages_with_the_same_values():
    ours, theirs = (words.words(language, "voices") for language in words.LANGUAGES)
    assert ours.keys() == theirs.keys()
    for key, text in ours.items():
        assert text.strip() and theirs[key].strip(), key
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", theirs[key]), key


@pytest.mark.parametrize("path", [*PAGES, *SCRIPTS], ids=lambda path: path.name)
def test_no_page_and_no_module_says_what_no_language_knows(path):
    known = words.words("id", "voices")
    text = path.read_text()
    said = re.findall(r"\{[{%][^}%]*?\bwords\.(\w+)", text) + re.findall(r'\bsay\("(\w+)"', text)
    assert [key for key in said if key not in known] == []


@pytest.mark.parametrize("path", [*PAGES, *SCRIPTS], ids=lambda path: path.name)
def test_no_page_has_a_script_or_a_style_of_its_own_and_no_module_writes_markup(path):
    text = path.read_text()
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", text)
    else:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)
        assert len(text.splitlines()) < 300
