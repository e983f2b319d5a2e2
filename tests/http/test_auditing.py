"""The auditor that pulls, as cron runs it on another machine: Python, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http.client import checked

pytestmark = pytest.mark.http
ROOT = Path(__file__).parents[2]


def key_of(administrator, user):
	secret = checked(administrator.call("frappe.core.doctype.user.user.generate_keys", user=user))["message"]
	return f"{administrator.read('User', user)['api_key']}:{secret['api_secret']}"


def audit(server, key, state):
	# without site-packages: what the command imports is Python's own
	command = [
		sys.executable,
		"-S",
		"-m",
		"crm_transparency.ledger.audit",
		server,
		"--key",
		key,
		"--state",
		state,
	]
	environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
	return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_an_auditor_on_another_machine_follows_the_chain(server, administrator, coach, rep, tmp_path):
	key, state = key_of(administrator, coach.user), tmp_path / "state.json"
	(tmp_path / "key").write_text(f"{key}\n")
	for _run in range(2):
		done = audit(server, f"@{tmp_path / 'key'}", str(state))
		assert done.returncode == 0, done.stdout + done.stderr
		assert "are as they were sealed" in done.stdout
	if state.exists():
		state.write_text(json.dumps({**json.loads(state.read_text()), "chain_sha256": "0" * 64}))
		assert audit(server, key, str(state)).returncode == 1
	for wrong in ("no:key", key_of(administrator, rep.user)):
		done = audit(server, wrong, str(tmp_path / "other"))
		assert (done.returncode, done.stdout) == (2, "") and "HTTP status" in done.stderr
