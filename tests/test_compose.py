"""What compose.yaml starts can be set, keeps what must stay, and runs as a role that owns nothing."""

import re

import pytest
import yaml

from tests.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
RUNNING = ("web", "worker", "feed-worker", "events")
# Folders whose loss is a loss; of the others (index, covers, limits) all is made anew.
KEPT = ("GEOPLATFORM_MEDIA", "GEOPLATFORM_EXPORTS", "GEOPLATFORM_BRIEFS")


@pytest.mark.parametrize("name", RUNNING)
@pytest.mark.parametrize("folder", KEPT)
def test_what_must_stay_lies_on_a_volume_that_all_share(name, folder):
    mounted = dict(volume.split(":")[1::-1] for volume in SERVICES[name]["volumes"])
    path = SERVICES[name]["environment"][folder]
    assert mounted[path] in COMPOSE["volumes"]


def test_every_mounted_folder_of_data_is_one_that_the_images_user_may_write_to():
    made = re.search(r"install -d -o geoplatform -g geoplatform ([^&]+)&&", (ROOT / "Dockerfile").read_text())
    paths = {SERVICES["web"]["environment"][folder] for folder in KEPT}
    assert made and paths <= set(made[1].split())


@pytest.mark.parametrize("name", (*RUNNING, "prepare"))
def test_any_setting_can_be_set_by_a_file_and_what_it_names_is_there(name):
    assert SERVICES[name]["env_file"] == [{"path": "settings/platform.env", "required": False}]
    assert "./settings:/settings:ro" in SERVICES[name]["volumes"]


@pytest.mark.parametrize("name", RUNNING)
def test_who_serves_and_works_owns_no_table_and_knows_no_owners_password(name):
    said = SERVICES[name]["environment"]
    role = "worker:${WORKER" if "worker" in name else "app:${APP"
    assert said["DATABASE_URL"].startswith(f"postgresql://geoplatform_{role}_PASSWORD")
    others = {"POSTGRES_PASSWORD", "APP_PASSWORD", "WORKER_PASSWORD"} - {
        f"{role.partition('${')[2]}_PASSWORD"
    }
    assert not [value for value in said.values() for other in others if other in value]
    assert SERVICES[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", (*RUNNING, "prepare", "city"))
def test_nothing_is_written_but_to_volumes_and_no_right_of_root_is_had(name):
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "cap_add" not in service
    # Every folder of settings lies below var/ or on a volume of its own.
    assert "made:/srv/geoplatform/var" in service["volumes"]
    assert "USER geoplatform\n" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_said_fills_no_disk_and_who_is_told_to_end_has_the_time_to(name):
    assert SERVICES[name]["logging"] == {"driver": "local"}
    assert SERVICES[name]["stop_grace_period"] == "1m"


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_is_an_argument_of_a_process(name):
    service = SERVICES[name]
    said = [service.get(part) for part in ("command", "entrypoint", "healthcheck")]
    # What the shell of a container reads from its environment ($$) no list of processes shows.
    assert not re.search(r"(?<!\$)\$\{?\w*(PASSWORD|SECRET|KEY)", str(said))


def test_the_data_are_prepared_by_the_owner_who_makes_the_role_of_the_others():
    prepare = SERVICES["prepare"]
    assert prepare["environment"]["DATABASE_URL"].startswith("postgresql://geoplatform:${POSTGRES_PASSWORD")
    *shell, script = prepare["command"]
    assert shell == ["sh", "-c"]
    first, second = script.split(" && ")
    assert first.startswith("python manage.py prepare")
    told, made = second.split(" | ")
    assert told == """printf '%s\\n' "$$APP_PASSWORD" "$$WORKER_PASSWORD\""""
    assert made == "python manage.py app_role --worker-role geoplatform_worker --password-stdin"


def test_the_simulated_city_can_be_left_out():
    assert (
        "${GEOPLATFORM_SIMULATED_CITY_URL-"
        in SERVICES["worker"]["environment"]["GEOPLATFORM_SIMULATED_CITY_URL"]
    )
    assert "${PREPARE_OPTIONS-}" in SERVICES["prepare"]["command"][-1]


def test_a_standby_runs_where_it_is_asked_for_and_the_web_server_can_be_told_of_it():
    standby = SERVICES["standby"]
    assert standby["profiles"] == ["replicas"]
    assert standby["volumes"][0] == "standby:/var/lib/postgresql/data" and "standby" in COMPOSE["volumes"]
    assert standby["image"] == SERVICES["database"]["image"]
    volumes = SERVICES["database"]["volumes"] + standby["volumes"]
    mounted = [volume.split(":")[0] for volume in volumes]
    scripts = [path for path in mounted if path.startswith("./")]
    assert [path for path in scripts if not (ROOT / path).is_file()] == []
    assert SERVICES["web"]["environment"]["GEOPLATFORM_STANDBYS"] == "${GEOPLATFORM_STANDBYS-}"


def test_a_standby_knows_the_password_of_no_role_that_reads_or_writes():
    said = SERVICES["standby"]["environment"]
    assert said == {
        "PRIMARY": "postgresql://geoplatform_standby@database/geoplatform",
        "PRIMARY_PASSWORD": SERVICES["database"]["environment"]["STANDBY_PASSWORD"],
    }
    # Without one nothing that ran before is refused: only who wants a standby needs it.
    assert said["PRIMARY_PASSWORD"] == "${STANDBY_PASSWORD-}"


def test_the_database_keeps_changes_for_a_standby_that_is_away():
    assert "wal_keep_size=1GB" in SERVICES["database"]["command"]
