"""What is answered is what the OpenAPI document says: schemathesis asks, as many ways as it can think of."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reports import intake

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Events are served by another process. To who is not logged in addresses of staff answer 401, whatever is
# asked: tests/api/casework/test_odd.py asks them as who may do everything.
ELSEWHERE = "^/api/(events$|staff/)"


@pytest.fixture
def server(transactional_city, submission, live_server):
    intake.receive([submission(str(n)) for n in range(30)], simulated=False)
    return live_server.url


# docs/reference/commands.md has the command for the thousands: here a few of each address.
def test_no_answer_is_a_fault_of_ours_or_another_than_is_said(server, tmp_path):
    done = subprocess.run(
        [SCHEMATHESIS, "run", f"{server}/api/openapi.json", "--max-examples", "3", "--seed", "1", "--phases",
         "fuzzing", "--exclude-path-regex", ELSEWHERE, "--checks", CHECKS, "--no-color",
         "--generation-database", "none", "--request-timeout", "120"],
        capture_output=True, text=True, timeout=900, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.partition(" FAILURES ")[2][:6000] or done.stdout[-6000:]
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated and generated[1] == generated[2] and int(generated[1]) > 50
