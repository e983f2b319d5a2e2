"""What happened to a sealed block: compares the entries it was sealed with and those that are there now."""

from typing import NamedTuple

from crm_transparency.ledger.chain import Digests

ALTERED = "altered"
REMOVED = "removed"
INSERTED = "inserted"
REORDERED = "re-ordered"


class Difference(NamedTuple):
	"""`other` is, for a re-ordered entry, the name under which its content was sealed or is found now."""

	kind: str
	entry: str
	other: str | None = None


def differences(sealed: Digests, found: Digests) -> list[Difference]:
	"""Return what differs, in the order of the entries' names; both lists hold (name, digest)."""
	before, now = dict(sealed), dict(found)
	differing = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
	# only a content that left its place can be re-ordered: a copy of an untouched entry is an alteration
	came_from = {before[name]: name for name in differing if name in before}
	went_to = {now[name]: name for name in differing if name in now}
	found_differences = [_difference(name, before, now, came_from, went_to) for name in differing]
	return [difference for difference in found_differences if difference] or _disorder(sealed, found)


def _difference(
	name: str,
	before: dict[str, bytes],
	now: dict[str, bytes],
	came_from: dict[bytes, str],
	went_to: dict[bytes, str],
) -> Difference | None:
	if name not in now:
		new_name = went_to.get(before[name])
		return Difference(REORDERED, name, new_name) if new_name else Difference(REMOVED, name)
	old_name = came_from.get(now[name])
	if name not in before:
		# the other end of a removal that was reported as re-ordered
		return None if old_name and old_name not in now else Difference(INSERTED, name)
	return Difference(REORDERED, name, old_name) if old_name else Difference(ALTERED, name)


def _disorder(sealed: Digests, found: Digests) -> list[Difference]:
	"""Return the first entry that stands in another place, or twice: an exported file can be shuffled."""
	for (expected, _digest), (entry, _other_digest) in zip(sealed, found, strict=False):
		if entry != expected:
			return [Difference(REORDERED, entry, expected)]
	return [Difference(INSERTED, found[-1][0])] if len(found) > len(sealed) else []
