"""Where things lie: the repository, the cache outside it, fingerprints of what cached things are made of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EMBEDDED_APPS = REPOSITORY / "embedded" / "apps"

NOT_SOURCE = {"__pycache__", "node_modules", ".git", ".ruff_cache", ".pytest_cache"}


def cache_folder() -> Path:
	"""Return the folder for everything that can be built again; made when missing.

	`CRM_TRANSPARENCY_CACHE` overrides the usual place below `XDG_CACHE_HOME`.
	"""
	override = os.environ.get("CRM_TRANSPARENCY_CACHE")
	if override:
		folder = Path(override).expanduser().resolve()
	else:
		base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
		folder = Path(base).expanduser().resolve() / "crm_transparency"
	folder.mkdir(parents=True, exist_ok=True)
	return folder


def source_files(folder: Path, suffixes: Iterable[str] | None = None) -> list[Path]:
	"""Return the files below `folder` that are source, sorted; `suffixes` like ".py" narrow them."""
	wanted = set(suffixes) if suffixes else None
	files = []
	for directory, subdirectories, names in os.walk(folder):
		subdirectories[:] = sorted(set(subdirectories) - NOT_SOURCE)
		for name in sorted(names):
			path = Path(directory, name)
			if path.suffix != ".pyc" and (wanted is None or path.suffix in wanted):
				files.append(path)
	return files


def fingerprint(*parts: str | Path) -> str:
	"""Return 16 hex digits that change with any of `parts`.

	A string counts as itself, a file as its name and content, a folder as all source files in it.
	"""
	digest = hashlib.sha256()
	for part in parts:
		if isinstance(part, str):
			_add(digest, part.encode())
		elif part.is_dir():
			for file in source_files(part):
				_add(digest, str(file.relative_to(part)).encode())
				_add(digest, file.read_bytes())
		else:
			_add(digest, part.name.encode())
			_add(digest, part.read_bytes() if part.exists() else b"missing")
	return digest.hexdigest()[:16]


def _add(digest, content: bytes) -> None:
	digest.update(len(content).to_bytes(8, "big"))
	digest.update(content)
