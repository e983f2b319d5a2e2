"""Phone numbers that the authorities keep for films and books: they look real and never ring at anybody's.

By country: Ofcom (GB), NANPA (US, CA), ACMA (AU), ComReg (IE), Bundesnetzagentur (DE), ARCEP (FR), PTS (SE).
"""

import secrets
from typing import NamedTuple

import phonenumbers


class Range(NamedTuple):
	"""`count` numbers that begin with `prefix`, in international form, from the one that ends in `first`."""

	prefix: str
	first: int
	count: int
	digits: int
	is_mobile: bool = False


def _landlines(prefixes: str, first: int, count: int, digits: int) -> tuple[Range, ...]:
	return tuple(Range(prefix, first, count, digits) for prefix in prefixes.split())


def _mobiles(prefixes: str, first: int, count: int, digits: int) -> tuple[Range, ...]:
	return tuple(Range(prefix, first, count, digits, is_mobile=True) for prefix in prefixes.split())


# in North America a mobile looks like every other number
_NORTH_AMERICA_US = _landlines("+1212555 +1312555 +1415555 +1206555 +1617555 +1303555", 100, 100, 4)
_NORTH_AMERICA_CA = _landlines("+1416555 +1514555 +1604555 +1403555", 100, 100, 4)

RANGES: dict[str, tuple[Range, ...]] = {
	"GB": (
		*_mobiles("+447700900", 0, 1000, 3),
		*_landlines("+441632960 +441134960 +441144960 +441154960 +441174960 +441214960", 0, 1000, 3),
		*_landlines("+441314960 +441414960 +441514960 +441614960 +442079460", 0, 1000, 3),
	),
	"US": (*_NORTH_AMERICA_US, *(number._replace(is_mobile=True) for number in _NORTH_AMERICA_US)),
	"CA": (*_NORTH_AMERICA_CA, *(number._replace(is_mobile=True) for number in _NORTH_AMERICA_CA)),
	"AU": (
		*_landlines("+6125550 +6127010 +6135550 +6137010 +6175550 +6177010 +6185550 +6187010", 0, 10_000, 4),
		*_mobiles("+61491570", 156, 4, 3),
	),
	"IE": _landlines("+3532091", 0, 100_000, 5),
	"DE": (
		*_landlines("+493023125 +496990009 +494066969 +498999998", 0, 1000, 3),
		*_landlines("+492214710", 0, 1000, 3),
		*_mobiles("+4917139200 +49176040690", 0, 100, 2),
	),
	"FR": (
		*_landlines("+3319900 +3326191 +3335301 +3346571 +3353649", 0, 10_000, 4),
		*_mobiles("+3363998", 0, 10_000, 4),
	),
	"SE": (
		*_mobiles("+46701740", 605, 95, 3),
		*_landlines("+46313900", 600, 100, 3),
		*_landlines("+46406280", 400, 100, 3),
		*_landlines("+46846500", 400, 100, 3),
	),
}


def fictional(region: str | None, is_mobile: bool) -> str | None:
	"""Return a number as E.164 writes it; None where a country keeps none for fiction, or none of this kind."""
	ranges = [found for found in RANGES.get(region or "", ()) if found.is_mobile == is_mobile]
	if not ranges:
		return None
	chosen = secrets.choice(ranges)
	return f"{chosen.prefix}{chosen.first + secrets.randbelow(chosen.count):0{chosen.digits}d}"


def is_fictional(number: str, region: str | None) -> bool:
	"""Say whether a number, as E.164 writes it, is among those kept for fiction."""
	for found in RANGES.get(region or "", ()):
		ending = number.removeprefix(found.prefix)
		if ending != number and len(ending) == found.digits and ending.isdigit():
			if found.first <= int(ending) < found.first + found.count:
				return True
	return False


def written_like(number: str, example: str | None) -> str:
	"""Return a number in international or national form, with or without spaces, as the example is."""
	parsed = phonenumbers.parse(number)
	is_international = not example or example.strip().startswith(("+", "00"))
	form = phonenumbers.PhoneNumberFormat
	written = phonenumbers.format_number(parsed, form.INTERNATIONAL if is_international else form.NATIONAL)
	if example and "-" in example and " " not in example:
		return written.replace(" ", "-")
	if example and " " not in example and "(" not in example:
		return written.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
	return written
