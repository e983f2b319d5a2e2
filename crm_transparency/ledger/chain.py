"""Blocks of entries, and the chain of their seals. Plain Python: an auditor runs this without Frappe.

A seal covers a block of up to 10,000 entries of one ledger and names the seal before it. All ledgers of a
site share one chain, so its newest `chain_sha256` alone, kept by somebody outside, vouches for every entry of
every ledger.

- `entries_sha256` is the SHA-256 of the block's lines (see `canonical`), in the order of their names, each
  ended by a line feed.
- `chain_sha256` is the SHA-256 of the canonical JSON of everything else the seal says and of the
  `chain_sha256` before.
- `entry_digests` lists for each entry eight bytes of its fields' SHA-256, so that a verification can tell
  which entry doesn't match. The list proves nothing by itself; the seal covers its hash, so it can't be
  altered unnoticed.
"""

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from crm_transparency.ledger.canonical import Value, canonical_json

DIGEST_BYTES = 8

Digests = list[tuple[str, bytes]]


class Seal(NamedTuple):
	name: str
	#: how the entries are written to be hashed, see `canonical.FORMAT`; empty in seals from before it was named
	format: str | None
	#: marks the entries that the seal covers; the order of the chain
	number: int
	ledger: str
	first_entry: str
	last_entry: str
	entry_count: int
	entries_sha256: str
	entry_digests_sha256: str
	previous_seal: str | None
	sealed_on: str
	chain_sha256: str
	#: empty once the block was pruned
	entry_digests: str | None

	def chain_hash(self, previous_chain_sha256: str | None) -> str:
		"""Return what `chain_sha256` has to be, given that of the seal before (None for the first)."""
		covered = self._asdict()
		del covered["chain_sha256"], covered["entry_digests"]
		if not covered["format"]:
			del covered["format"]
		covered["previous_chain_sha256"] = previous_chain_sha256
		return sha256(canonical_json(covered))


class Block:
	"""A block's entries, added one by one in the order of their names. Keeps 8 bytes and the name of each."""

	def __init__(self):
		self.digests: Digests = []
		#: whether the entries came without their fields, see `add_digest`
		self.has_digests_only = False
		self._lines = hashlib.sha256()

	def add(self, name: str, fields: Mapping[str, Value]) -> None:
		content = canonical_json(fields)
		self._lines.update(b"[%b,%b]\n" % (canonical_json(name), content))
		self.digests.append((name, _digest(content)))

	def add_digest(self, name: str, digest: bytes) -> None:
		"""Add an entry of which only the digest is known: then the list that the seal covers says what was sealed."""
		self.has_digests_only = True
		self.digests.append((name, digest))

	@property
	def entries_sha256(self) -> str:
		return self._lines.hexdigest()

	def matches(self, seal: Seal) -> bool:
		if self.has_digests_only:
			return self.digests == unpack(seal)
		return len(self.digests) == seal.entry_count and self.entries_sha256 == seal.entries_sha256


def sha256(data: bytes) -> str:
	return hashlib.sha256(data).hexdigest()


def content_digest(fields: Mapping[str, Value]) -> bytes:
	return _digest(canonical_json(fields))


def _digest(content: bytes) -> bytes:
	return hashlib.sha256(content).digest()[:DIGEST_BYTES]


def is_chain_hash(text: str) -> bool:
	return re.fullmatch("[0-9a-f]{64}", text) is not None


def name_of(number: int) -> str:
	return f"SEAL-{number:08d}"


def number_of(name: str | None) -> int:
	"""Return the number of the seal with this name, 0 if no seal has such a name."""
	match = re.fullmatch(r"SEAL-(\d+)", name or "")
	return int(match[1]) if match else 0


def pack(digests: Digests) -> str:
	lines = "\n".join(f"{digest.hex()} {name}" for name, digest in digests)
	return base64.b64encode(zlib.compress(lines.encode())).decode()


def unpack(seal: Seal) -> Digests | None:
	"""Return the digests of a seal's entries; None if they were pruned or aren't those it covers."""
	packed = seal.entry_digests or ""
	if sha256(packed.encode()) != seal.entry_digests_sha256:
		return None
	try:
		lines = zlib.decompress(base64.b64decode(packed)).decode().split("\n")
		return [
			(name, bytes.fromhex(digest)) for digest, _space, name in (line.partition(" ") for line in lines)
		]
	except (binascii.Error, zlib.error, ValueError):
		return None
