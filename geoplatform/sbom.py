"""What the platform is made of, as CycloneDX 1.6: each pinned package, its licence, and what wheels hold.

``script/sbom`` comes here. Versions are those of ``requirements.txt``, and of ``requirements-observe.txt``
where they are installed; licences those that installed packages say.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS, OPTIONAL = ROOT / "requirements.txt", ROOT / "requirements-observe.txt"
PIN = re.compile(r"^([A-Za-z0-9][^\s\\]*==[^\\\n]+?)\s*\\?$", re.MULTILINE)
NAMESPACE = uuid.UUID("6b2f1c1e-6f0a-5f57-9f53-0d6c7e1f8a11")
# The names of SPDX that occur; what a package calls its licence otherwise ("BSD") stays in its words.
SPDX = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "LGPL-2.1-only", "LGPL-3.0-only",
    "LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Unlicense", "Zlib",
}  # fmt: skip
# Libraries within wheels, which no metadata names: by the package that brings them.
WITHIN = {
    "django-htmx": (("htmx", "0BSD"),),
    "django-leaflet": (("Leaflet", "BSD-2-Clause"),),
    "drf-spectacular-sidecar": (("Swagger UI", "Apache-2.0"),),
    "lxml": (("libxml2", "MIT"), ("libxslt", "MIT")),
    "psycopg-binary": (("libpq", "PostgreSQL"),),
    "pyogrio": (("GDAL", "MIT"),),
    "pyproj": (("PROJ", "MIT"),),
    "shapely": (("GEOS", "LGPL-2.1-only"),),
}


def document() -> dict[str, Any]:
    """Return the bill: the same for the same pins and packages, so without a time of day."""
    required = list(_pins(REQUIREMENTS))
    names = {pin.name for pin in required}
    optional = [pin for pin in _pins(OPTIONAL) if pin.name not in names and _is_installed(pin)]
    pins = required + optional
    said = "\n".join(f"{pin.name}{pin.specifier}" for pin in pins)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, said)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "geoplatform", "bom-ref": "geoplatform"}},
        "components": [
            *(_component(pin) for pin in required),
            *(_component(pin) | {"scope": "optional"} for pin in optional),
        ],
        "dependencies": [
            {"ref": "geoplatform", "dependsOn": [_purl(pin) for pin in pins]},
        ],
    }


def licence(name: str) -> str:
    """Return the licence that an installed package says it has: SPDX where it knows that, else its words."""
    said = metadata.metadata(name)
    if "License-Expression" in said:
        return said["License-Expression"]
    written = said["License"].strip() if "License" in said else ""
    # Some write the whole text of it there.
    if written and "\n" not in written and len(written) < 30:
        return written
    given = said.get_all("Classifier") or []
    return " AND ".join(one.rpartition(" :: ")[2] for one in given if one.startswith("License"))


def _is_installed(pin: Requirement) -> bool:
    try:
        return metadata.version(pin.name) == _version(pin)
    except metadata.PackageNotFoundError:
        return False


def _pins(file: Path) -> Iterator[Requirement]:
    """Yield what is pinned for this platform, in the order of the file."""
    for line in PIN.findall(file.read_text(encoding="utf-8")):
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate():
            yield pin


def _component(pin: Requirement) -> dict[str, Any]:
    within = [
        {"type": "library", "name": name, "licenses": [{"expression": licence}]}
        for name, licence in WITHIN.get(pin.name, ())
    ]
    said = {
        "type": "library",
        "bom-ref": _purl(pin),
        "name": pin.name,
        "version": _version(pin),
        "purl": _purl(pin),
        "licenses": [_licensed(licence(pin.name))],
    }
    return said | ({"components": within} if within else {})


def _licensed(said: str) -> dict[str, Any]:
    """Return a licence as an expression of SPDX, where all of it is; else by its name."""
    words = {word for word in re.split(r" (?:AND|OR|WITH) |[()]", said) if word}
    return {"expression": said} if words <= SPDX else {"license": {"name": said}}


def _version(pin: Requirement) -> str:
    (one,) = pin.specifier
    return one.version


def _purl(pin: Requirement) -> str:
    return f"pkg:pypi/{pin.name.lower().replace('_', '-')}@{_version(pin)}"


if __name__ == "__main__":
    print(json.dumps(document(), indent=2))
