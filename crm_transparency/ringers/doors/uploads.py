"""Files from outside: what they are is read off their first bytes, not off their names."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import filetype
from werkzeug.datastructures import FileStorage

MOST_FILES = 3
MOST_BYTES = 10 << 20
PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/gif")
OTHERS = ("application/pdf", "audio/mpeg", "audio/mp4", "audio/m4a", "audio/ogg", "audio/x-wav", "video/mp4")
LONGEST_NAME = 80


class Upload(NamedTuple):
	name: str
	content: bytes
	content_type: str

	@property
	def is_photo(self) -> bool:
		return self.content_type in PHOTOS


def accepted(files: Iterable[FileStorage]) -> tuple[list[Upload], int]:
	"""Return the files that we take, and how many we don't: too many, too large, or of another kind."""
	taken: list[Upload] = []
	left_out = 0
	for file in files:
		upload = read(file) if len(taken) < MOST_FILES else None
		if upload:
			taken.append(upload)
		else:
			left_out += 1
	return taken, left_out


def read(file: FileStorage) -> Upload | None:
	content = file.stream.read(MOST_BYTES + 1)
	if not content or len(content) > MOST_BYTES:
		return None
	kind = filetype.guess(content)
	if kind is None or kind.mime not in (*PHOTOS, *OTHERS):
		return None
	return Upload(name_for(file.filename, kind.extension), content, kind.mime)


def name_for(name: str | None, extension: str) -> str:
	"""Return a harmless name that ends as the content demands."""
	stem = re.sub(r"[^\w -]+", "_", (name or "").replace("\\", "/").rpartition("/")[2].rpartition(".")[0])
	return f"{stem.strip('_ ')[:LONGEST_NAME] or 'file'}.{extension}"
