"""The journal's files: lines are added at the end, and whole files are taken away.

They lie in the site's private folder, but not where Frappe looks for files to download or to back up, and only the
user that runs the site may read them. Every host writes a file of its own, because adding at the end is safe only
among processes of one machine. A lock on the file (`flock`, which NFS knows from version 4 on) keeps a line from being
written into a file that is being taken away.
"""

import fcntl
import os
import shutil
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

import frappe

from crm_transparency.ledger import entries

WAITING, TAKEN, POSTPONED, DAMAGED = ".waiting", ".taken", ".postponed", ".damaged"
ONLY_THE_OWNER, ONLY_THE_OWNERS_FOLDER = 0o600, 0o700
LINE_END = b"\n"


def folder() -> str:
	private = frappe.local.conf.get("private_path") or "private"
	return os.path.join(frappe.local.site_path, private, "crm_transparency", "journal")


@cache
def host_name() -> str:
	return "".join(letter if letter.isalnum() else "_" for letter in socket.gethostname()) or "host"


def append(line: bytes) -> bool:
	"""Add a line to this host's file; return whether it is the first that waits there.

	Raises OSError if it can't be written whole, and then leaves nothing of it.
	"""
	path = os.path.join(folder(), host_name() + WAITING)
	while True:
		file = open_to_append(path)
		try:
			fcntl.flock(file, fcntl.LOCK_EX)
			status = os.fstat(file)
			if is_at(path, status):  # or else the file was taken away while we waited for the lock
				# begins with a line's end too, in case a process died in the middle of the line before
				write_whole(file, LINE_END + line + LINE_END, status.st_size)
				return status.st_size == 0
		finally:
			os.close(file)


def take_waiting() -> list[Path]:
	"""Take away what waits, so that nobody adds to it any more; return all files that were taken, oldest first."""
	for path in Path(folder()).glob(f"*{WAITING}"):
		with path.open("rb") as file:
			fcntl.flock(file, fcntl.LOCK_EX)
			status = os.fstat(file.fileno())
			if status.st_size and is_at(path, status):
				path.rename(path.with_name(entries.new_name() + TAKEN))
	return sorted(Path(folder()).glob(f"*{TAKEN}"))


def postpone(path: Path) -> None:
	"""Keep a file that was taken until `take_postponed`."""
	path.rename(path.with_suffix(POSTPONED))


def take_postponed() -> None:
	"""Put what was postponed to what was taken."""
	for path in Path(folder()).glob(f"*{POSTPONED}"):
		path.rename(path.with_suffix(TAKEN))


def is_empty() -> bool:
	"""Say whether nothing waits to be moved, but for what was postponed; asked at many requests, so it opens no file."""
	try:
		with os.scandir(folder()) as files:
			return not any(
				file.name.endswith(TAKEN) or (file.name.endswith(WAITING) and file.stat().st_size)
				for file in files
			)
	except FileNotFoundError:
		return True


def lines_in(path: Path) -> list[bytes]:
	return [line for line in path.read_bytes().split(LINE_END) if line]


def delete(path: Path) -> None:
	path.unlink()


def set_aside(path: Path) -> None:
	"""Keep a file for the administrator to look at, but move it no more."""
	path.rename(path.with_suffix(DAMAGED))


def remove_folder() -> None:
	"""Take the journal away, with whatever lies in it: for uninstalling."""
	shutil.rmtree(folder(), ignore_errors=True)
	with suppress(OSError):
		os.rmdir(os.path.dirname(folder()))


def open_to_append(path: str) -> int:
	flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
	try:
		return os.open(path, flags, ONLY_THE_OWNER)
	except FileNotFoundError:
		os.makedirs(os.path.dirname(path), ONLY_THE_OWNERS_FOLDER, exist_ok=True)
		return os.open(path, flags, ONLY_THE_OWNER)


def is_at(path: str | Path, file: os.stat_result) -> bool:
	"""Say whether an open file is still the one that lies at `path`."""
	try:
		return os.path.samestat(os.stat(path), file)
	except FileNotFoundError:
		return False


def write_whole(file: int, data: bytes, end: int) -> None:
	"""Write all of `data` at the file's end, or cut the file where it ended before, and raise."""
	left = memoryview(data)
	try:
		while left:
			left = left[os.write(file, left) :]
	except BaseException:
		os.ftruncate(file, end)
		raise
