"""Lists as sentences say them."""

from frappe import _


def shortened(words: list[str], most: int) -> str:
	"""Join what may be many: at most so many of them, and how many more there are."""
	if len(words) <= most:
		return ", ".join(words)
	return _("{0} and {1} more").format(", ".join(words[:most]), len(words) - most)
