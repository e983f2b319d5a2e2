"""When two ways of writing a name mean the same."""

import re
import unicodedata


def same_name(name: str) -> str:
	"""What two names have in common that differ in case, spaces or the way a letter is encoded only."""
	return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_words(name: str) -> str:
	"""As `same_name`, and whatever the order: "Whitfield, Nora" is "Nora Whitfield"."""
	return " ".join(sorted(re.findall(r"\w+", same_name(name))))
