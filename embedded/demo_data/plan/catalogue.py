"""What Harbour Press sells, to whom."""

from embedded.demo_data.plan.source import Source

COMPANY = "Harbour Press Ltd"
ABBREVIATION = "HP"
CURRENCY = "GBP"

MAGAZINES = {"Quayside": 1.0, "Boat & Berth": 1.3, "Garden Letters": 1.1, "The Small Table": 0.9}
"""The magazines and how dear a page is in each, against Quayside."""

FORMATS = {
	"Full page": 2400,
	"Half page": 1350,
	"Quarter page": 780,
	"Classified": 190,
	"Inside cover": 3100,
	"Back cover": 3600,
	"Newsletter banner": 420,
}
"""What an advertiser can book, in pounds an issue."""

SUBSCRIPTIONS = {"Yearly subscription": 48, "Trade subscription, five copies": 190}
"""What a reader can book, in pounds a year."""

BUSINESSES: dict[str, dict[str, list[str]]] = {
	"Marine trade": {
		"Boating": [
			"{surname} Marine",
			"{surname} Boatyard",
			"{town} Chandlery",
			"{surname} & Sons Boatbuilders",
			"{town} Marina",
			"{surname} Sailmakers",
			"{surname} Yacht Charter",
			"{town} Sea School",
		]
	},
	"Garden trade": {
		"Gardening": [
			"{surname} Nurseries",
			"{town} Garden Centre",
			"{surname} Seeds",
			"{surname} Garden Design",
			"{surname} Greenhouses",
			"{surname} & Daughters Roses",
		]
	},
	"Food and drink": {
		"Food and drink": [
			"{surname}'s Bakery",
			"{town} Cheese Company",
			"{surname} Fine Foods",
			"{surname} Brewery",
			"The {colour} {thing}",
			"{town} Coffee Roasters",
			"{surname} Vineyard",
		]
	},
	"Hotels and travel": {
		"Hospitality": [
			"The {surname} Arms",
			"{town} Harbour Hotel",
			"{surname} Holiday Cottages",
			"{surname} Ferries",
			"{town} Walking Tours",
		]
	},
	"Local business": {
		"Services": ["{surname} Estate Agents", "{surname} Solicitors", "{surname} & {surname2} Accountants"],
		"Retail": ["{surname} Interiors", "{surname} Opticians", "{surname} Motors", "{town} Bookshop"],
	},
	"Media agencies": {
		"Media": ["{surname} Media", "{surname} & {surname2} Communications", "{town} Media Partners"]
	},
	"Trade subscribers": {
		"Services": ["{town} Dental Practice", "{surname} Hair Studio", "{surname} Physiotherapy"]
	},
	"Libraries and schools": {"Education": ["{town} Library", "{surname} School", "{town} College of Food"]},
}
"""Customer group → industry → how businesses in it are called."""

ADVERTISERS = [
	"Marine trade",
	"Garden trade",
	"Food and drink",
	"Hotels and travel",
	"Local business",
	"Media agencies",
]
SUBSCRIBERS = ["Trade subscribers", "Libraries and schools"]
GROUP_SHARES = {
	"Marine trade": 18,
	"Garden trade": 15,
	"Food and drink": 17,
	"Hotels and travel": 13,
	"Local business": 13,
	"Media agencies": 4,
	"Trade subscribers": 6,
	"Libraries and schools": 5,
	"Individual": 9,
}
MARKET_SEGMENTS = ["Key accounts", "Regional", "Local", "Readers"]
LEAD_SOURCES = ["Website", "Trade fair", "Recommendation", "Reader service", "Cold call", "Newsletter"]
SALES_STAGES = ["Prospecting", "Needs analysis", "Proposal", "Negotiation", "Booked"]
CAMPAIGNS = ["Spring media pack", "Boat show", "Christmas gift guide"]
LOST_REASONS = ["Price", "Went with a competitor", "No budget this year", "No answer"]
ISSUE_TYPES = ["Advert artwork", "Delivery of copies", "Invoice", "Subscription change"]
JOB_TITLES = [
	"Owner",
	"Marketing Manager",
	"Managing Director",
	"Office Manager",
	"Buyer",
	"Head of Sales",
	"Assistant",
]
COLOURS = ["Copper", "Blue", "Old", "Golden", "Wild", "Crooked"]
THINGS = ["Kettle", "Oyster", "Pantry", "Lobster Pot", "Orchard", "Anchor"]


def items() -> list[tuple[str, str, str, int]]:
	"""Code, name, item group and price of everything for sale."""
	adverts = [
		(f"{magazine} {form}", f"{form} in {magazine}", magazine, round(price * weight))
		for magazine, weight in MAGAZINES.items()
		for form, price in FORMATS.items()
	]
	subscriptions = [
		(f"{magazine} {form}", f"{form} to {magazine}", magazine, price)
		for magazine in MAGAZINES
		for form, price in SUBSCRIPTIONS.items()
	]
	return adverts + subscriptions


def business(source: Source, group: str, town: str) -> tuple[str, str]:
	"""A name for a business in customer group `group` in `town`, and its industry."""
	industry = source.pick(sorted(BUSINESSES[group]))
	name = source.pick(BUSINESSES[group][industry]).format(
		surname=source.faker.last_name(),
		surname2=source.faker.last_name(),
		town=town,
		colour=source.pick(COLOURS),
		thing=source.pick(THINGS),
	)
	return name, industry
