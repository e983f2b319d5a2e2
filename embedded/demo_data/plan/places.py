"""Where Harbour Press's customers are. The phone numbers are in the ranges that are kept free for fiction."""

from dataclasses import dataclass

from embedded.demo_data.plan.source import Source

NO_AREA = "+44 1632 960"


@dataclass(frozen=True)
class Town:
	name: str
	postcode_area: str
	phone_prefix: str = NO_AREA


TERRITORIES: dict[str, list[Town]] = {
	"South West": [
		Town("Bristol", "BS", "+44 117 496 0"),
		Town("Bath", "BA"),
		Town("Exeter", "EX"),
		Town("Plymouth", "PL"),
		Town("Falmouth", "TR"),
		Town("Poole", "BH"),
		Town("Gloucester", "GL"),
		Town("Dartmouth", "TQ"),
	],
	"London and South East": [
		Town("London", "SE", "+44 20 7946 0"),
		Town("Reading", "RG", "+44 118 496 0"),
		Town("Brighton", "BN"),
		Town("Southampton", "SO"),
		Town("Canterbury", "CT"),
		Town("Guildford", "GU"),
		Town("Chichester", "PO"),
	],
	"Midlands": [
		Town("Birmingham", "B", "+44 121 496 0"),
		Town("Nottingham", "NG", "+44 115 496 0"),
		Town("Leicester", "LE", "+44 116 496 0"),
		Town("Worcester", "WR"),
		Town("Lincoln", "LN"),
		Town("Norwich", "NR"),
	],
	"North of England": [
		Town("Manchester", "M", "+44 161 496 0"),
		Town("Leeds", "LS", "+44 113 496 0"),
		Town("Liverpool", "L", "+44 151 496 0"),
		Town("York", "YO"),
		Town("Kendal", "LA"),
		Town("Whitby", "YO"),
	],
	"Wales": [
		Town("Cardiff", "CF", "+44 29 2018 0"),
		Town("Swansea", "SA"),
		Town("Conwy", "LL"),
		Town("Tenby", "SA"),
	],
	"Scotland": [
		Town("Edinburgh", "EH", "+44 131 496 0"),
		Town("Glasgow", "G", "+44 141 496 0"),
		Town("Oban", "PA"),
		Town("Inverness", "IV"),
		Town("Dundee", "DD"),
	],
	"Northern Ireland": [Town("Belfast", "BT", "+44 28 9649 6"), Town("Bangor", "BT"), Town("Derry", "BT")],
}

SHARES = {
	"South West": 27,
	"London and South East": 20,
	"Midlands": 16,
	"North of England": 15,
	"Wales": 9,
	"Scotland": 8,
	"Northern Ireland": 5,
}

STREETS = ("Street", "Road", "Lane", "Quay", "Square", "Hill", "Terrace", "Wharf")


def phone(source: Source, town: Town) -> str:
	return f"{town.phone_prefix}{source.between(0, 999):03}"


def mobile(source: Source) -> str:
	return f"+44 7700 900{source.between(0, 999):03}"


def street(source: Source) -> str:
	return f"{source.between(1, 180)} {source.faker.last_name()} {source.pick(STREETS)}"


def postcode(source: Source, town: Town) -> str:
	district, street_end = source.between(1, 20), source.between(1, 9)
	letters = "".join(source.some("ABDEFGHJLNPQRSTUWXYZ", 2))
	return f"{town.postcode_area}{district} {street_end}{letters}"
