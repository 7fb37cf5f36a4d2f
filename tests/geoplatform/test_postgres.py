"""Which installation of PostgreSQL is taken, among folders laid out as packages lay them out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoplatform import postgres

PG_CONFIG = """\
#!/bin/sh
printf 'PostgreSQL {version} (Debian {version}-1)\\n{share}\\n{libraries}\\n'
"""


@pytest.fixture
def usr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A root folder without any PostgreSQL, and nothing on the PATH."""
    monkeypatch.setattr(postgres, "PLACES", (f"{tmp_path.relative_to('/')}/lib/postgresql/*/bin",))
    monkeypatch.setattr(postgres.shutil, "which", lambda name: None)
    postgres.installations.cache_clear()
    yield tmp_path
    postgres.installations.cache_clear()


def install(usr: Path, version: str, *parts: str) -> Path:
    """Lay out one version with these parts of PostGIS, and return the folder of its programs."""
    major = version.split(".", maxsplit=1)[0]
    home, share = usr / "lib" / "postgresql" / major, usr / "share" / "postgresql" / major
    for folder in (home / "bin", home / "lib", share / "extension"):
        folder.mkdir(parents=True)
    for name in ("initdb", "pg_ctl", "psql"):
        (home / "bin" / name).touch()
    pg_config = home / "bin" / "pg_config"
    pg_config.write_text(PG_CONFIG.format(version=version, share=share, libraries=home / "lib"))
    pg_config.chmod(0o755)
    if "control" in parts:
        (share / "extension" / "postgis.control").touch()
    if "library" in parts:
        (home / "lib" / "postgis-3.so").touch()
    return home / "bin"


def test_the_newest_that_has_postgis_is_taken(usr: Path) -> None:
    install(usr, "9.6", "control", "library")
    wanted = install(usr, "16.4", "control", "library")
    install(usr, "17.0")
    assert postgres.program("initdb", usr / "no data yet") == str(wanted / "initdb")


def test_the_version_that_made_the_data_is_taken_even_if_a_newer_one_came(usr: Path) -> None:
    wanted = install(usr, "15.18", "control", "library")
    install(usr, "16.4", "control", "library")
    (usr / "data").mkdir()
    (usr / "data" / "PG_VERSION").write_text("15\n")
    assert postgres.program("pg_ctl", usr / "data") == str(wanted / "pg_ctl")


def test_data_of_a_version_that_is_gone_are_named_and_left_alone(usr: Path) -> None:
    install(usr, "16.4", "control", "library")
    (usr / "data").mkdir()
    (usr / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(postgres.ClusterError, match="PostgreSQL 15 with PostGIS is not installed"):
        postgres.program("pg_ctl", usr / "data")


@pytest.mark.parametrize("part", ["control", "library"])
def test_half_a_postgis_is_none(usr: Path, part: str) -> None:
    install(usr, "15.18", part)
    assert postgres.installations() == {}
