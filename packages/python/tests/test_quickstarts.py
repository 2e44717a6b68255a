"""The quickstarts, as a reader follows them: ``TALLYSTICK_STACK`` lies beside the file of a sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from documents import shown
from person import sign_in_as

STACK = os.environ.get("TALLYSTICK_STACK")
pytestmark = pytest.mark.skipif(STACK is None, reason="TALLYSTICK_STACK names no running system")


@pytest.fixture()
def sandbox() -> dict:
    return json.loads((Path(str(STACK)).parent / "sandbox.json").read_text())


@pytest.fixture()
def workplace(tmp_path: Path, sandbox: dict) -> Path:
    (tmp_path / ".tallystick").mkdir()
    (tmp_path / ".tallystick" / "sandbox.json").write_text(json.dumps(sandbox))
    return tmp_path


def start(workplace: Path, page: str, file: str, *args: str) -> subprocess.Popen:
    (workplace / file).write_text(shown(page, file))
    return subprocess.Popen(
        [sys.executable, file, *args], cwd=workplace, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_person_signs_in_and_pays_over_http(workplace: Path, sandbox: dict):
    program = start(workplace, "docs/start/http.md", "pay.py")
    assert program.stdout is not None
    first = program.stdout.readline()
    assert first.startswith("Open http"), first + program.stdout.read()
    sign_in_as(first.split()[1], sandbox["customer"]["email"], sandbox["customer"]["password"])
    output, _ = program.communicate(timeout=60)
    payment, *accounts = output.splitlines()
    assert payment.split()[1:] == ["captured", "1250"]
    assert any(line.startswith(sandbox["payerAccountId"]) for line in accounts)
    assert program.returncode == 0


def test_a_third_party_orders_over_kafka_and_gets_the_verified_outcome(workplace: Path):
    output, _ = start(workplace, "docs/start/kafka.md", "order.py").communicate(timeout=90)
    assert "payment payment.captured " in output


def test_an_application_is_signed_and_its_key_stays(workplace: Path):
    program = start(workplace, "docs/start/kafka.md", "apply.py", "code-1")
    output, _ = program.communicate(timeout=60)
    assert set(json.loads(output)) == {"publicJwk", "permissions", "batch", "proof"}
    assert "d" in json.loads((workplace / "my-shop.jwk.json").read_text())
    assert (workplace / "my-shop.jwk.json").stat().st_mode & 0o077 == 0
