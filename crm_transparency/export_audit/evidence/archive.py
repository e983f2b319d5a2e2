"""A ZIP whose files are listed, with their hashes, in `SHA256SUMS`, as `sha256sum --check` reads it."""

import hashlib
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

CHUNK_BYTES = 1 << 20
SUMS = "SHA256SUMS"


class Archive:
	"""Writes one file after the other, none of which has to fit into memory."""

	def __init__(self, path: Path, folder: str):
		self.folder = folder
		self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
		self._sums: list[str] = []

	def __enter__(self) -> "Archive":
		return self

	def __exit__(self, error: type[BaseException] | None, *details) -> None:
		if error is None:
			self._write(SUMS, ["".join(self._sums).encode()])
		self._zip.close()

	def add(self, name: str, content: bytes | str) -> None:
		self.add_chunks(
			name, [content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content]
		)

	def add_file(self, name: str, path: Path) -> None:
		with path.open("rb") as file:
			self.add_chunks(name, iter(lambda: file.read(CHUNK_BYTES), b""))

	def add_chunks(self, name: str, chunks: Iterable[bytes]) -> None:
		"""Add a file; `name` is plain ASCII without spaces, so that every `sha256sum` reads the list."""
		self._sums.append(f"{self._write(name, chunks)}  {name}\n")

	def _write(self, name: str, chunks: Iterable[bytes]) -> str:
		digest = hashlib.sha256()
		member = zipfile.ZipInfo(f"{self.folder}/{name}", time.localtime()[:6])
		member.compress_type = zipfile.ZIP_DEFLATED
		member.external_attr = 0o600 << 16
		with self._zip.open(member, "w", force_zip64=True) as file:
			for chunk in chunks:
				digest.update(chunk)
				file.write(chunk)
		return digest.hexdigest()
