"""The bill of materials: every pin is in it, with a licence that may be combined with the others."""

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from geoplatform import sbom
from tests.conftest import ROOT

# May be combined, and passed on: permissive; by file (MPL); by library, used as it is (LGPL).
FREE = {
    "0BSD", "3-Clause BSD License", "Apache 2.0", "Apache Software License", "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception", "BSD",
    "BSD License", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "LGPL-2.1-only", "LGPL-3.0-only", "MIT",
    "MIT License", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "PSFL", "PostgreSQL", "Unlicense", "Zlib",
}  # fmt: skip


def may_be_combined(said: str) -> bool:
    """Say whether a licence, or each of several, is free; of a choice one is enough."""
    parts = said.replace("(", "").replace(")", "").split(" AND ")
    return all(any(one in FREE for one in part.split(" OR ")) for part in parts)


def said(component: dict) -> str:
    (one,) = component["licenses"]
    return one.get("expression") or one["license"]["name"]


def test_a_licence_that_binds_the_whole_is_not_taken_for_free():
    for one in ("GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "", "Proprietary", "SSPL-1.0"):
        assert not may_be_combined(one), one
    assert may_be_combined("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-only)")


def test_every_package_and_what_wheels_bring_along_may_be_combined():
    bill = sbom.document()
    components = [
        *bill["components"],
        *(one for all in bill["components"] for one in all.get("components", [])),
    ]
    assert {one["name"]: said(one) for one in components if not may_be_combined(said(one))} == {}


def test_every_pin_that_is_installed_here_is_in_it_once():
    bill = sbom.document()
    pinned = set(
        re.findall(r"^([a-z][\w.-]*)(?:\[[\w,]+\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )
    names = [one["name"] for one in bill["components"] if "scope" not in one]
    assert set(names) == pinned and len(names) == len(pinned)
    # What faults and traces are sent by, where it is installed.
    optional = {one["name"] for one in bill["components"] if one.get("scope") == "optional"}
    assert {"opentelemetry-sdk", "sentry-sdk"} <= optional and not optional & pinned
    assert set(sbom.WITHIN) <= pinned
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])


def test_it_has_the_form_of_cyclonedx_and_is_the_same_each_time():
    bill = sbom.document()
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    refs = [one["bom-ref"] for one in bill["components"]]
    assert bill["dependencies"] == [{"ref": "geoplatform", "dependsOn": refs}]
    assert sbom.document() == bill


def test_it_is_valid_by_the_schema_that_cyclonedx_publishes():
    check = JsonStrictValidator(SchemaVersion.V1_6).validate_str
    bill = sbom.document()
    assert check(json.dumps(bill)) is None
    bill["components"][0] |= {"licence": "MIT"}
    assert "'licence' was unexpected" in str(check(json.dumps(bill)))


def test_each_pin_has_hashes():
    text = (ROOT / "requirements.txt").read_text("utf-8")
    pins = re.split(r"\n(?=[a-z])", text)
    assert [pin.split("==")[0] for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []
