"""Alert rules and dashboard name figures that there are, and sections of the runbook that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from api.metrics.figures import FIGURES
from tests.test_docs import anchors

ROOT = Path(settings.ROOT)
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/geoplatform.rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
KNOWN = {f"geoplatform_{name}" for name in FIGURES} | {
    "geoplatform_database_up",
    "geoplatform_tiles_served_total",
    "geoplatform_tiles_made_total",
    "geoplatform_tile_seconds_bucket",
    "geoplatform_answers_total",
    "geoplatform_answer_seconds_bucket",
}


def named(expression: str) -> set[str]:
    return set(re.findall(r"geoplatform_\w+", expression))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_figures_that_there_are_and_leads_to_the_runbook(rule):
    assert named(rule["expr"]) <= KNOWN
    assert rule["annotations"]["runbook"] in anchors(ROOT / "docs/how-to/runbook.md")
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_dashboard_asks_for_figures_that_there_are():
    panels = json.loads((ROOT / "deploy/grafana/geoplatform.json").read_text())["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in named(target["expr"])}
    assert asked
    assert asked <= KNOWN


def test_each_alarm_has_somebody_whom_it_is_sent_to_and_that_cannot_wait_comes_again():
    folder = ROOT / "deploy" / "prometheus"
    prometheus = yaml.safe_load((folder / "prometheus.yml").read_text())
    assert prometheus["alerting"]["alertmanagers"]
    told = yaml.safe_load((folder / "alertmanager.yml").read_text())
    routes = {"ticket": told["route"], "page": told["route"]["routes"][0]}
    assert routes["page"]["matchers"] == ['severity = "page"']
    receivers = {one["name"] for one in told["receivers"]}
    assert {route["receiver"] for route in routes.values()} == receivers
    assert (routes["page"]["repeat_interval"], routes["ticket"]["repeat_interval"]) == ("1h", "24h")
    alarms = {rule["alert"] for rule in RULES}
    for rule in told["inhibit_rules"]:
        names = re.findall(r"\w+Down", rule["source_matchers"][0])
        assert names and set(names) <= alarms


def test_a_mail_about_two_disks_says_in_its_subject_what_it_is_about():
    told = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alertmanager.yml").read_text())
    (subject,) = [
        mail["headers"]["Subject"]
        for one in told["receivers"] for mail in one["email_configs"] if "headers" in mail
    ]  # fmt: skip
    # An annotation is common to a group only where all its alarms say the same.
    assert told["route"]["group_by"] == ["alertname"] and ".GroupLabels.alertname" in subject


@pytest.mark.skipif(shutil.which("amtool") is None, reason="the Alertmanager is not installed")
def test_the_alertmanager_takes_its_configuration():
    file = ROOT / "deploy" / "prometheus" / "alertmanager.yml"
    done = subprocess.run(["amtool", "check-config", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed")
def test_prometheus_takes_the_rules_and_they_tell_what_is_to_be_told_and_nothing_else():
    folder = ROOT / "deploy" / "prometheus"
    for words in ("check config prometheus.yml", "test rules geoplatform.rules.test.yml"):
        done = subprocess.run(
            ["promtool", *words.split()], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
