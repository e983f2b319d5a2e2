"""What people changed on a site, read straight from its database: neither a server nor the engine is needed.

When a site is made, `note` writes down the moment, and what is dated later already: installing works in another
time zone than the site has in the end. `since_noted` returns what was saved after that.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from embedded.site import Site, database_of

NOTE = "made.json"
TIME_ZONE = "select value from tabSingles where doctype = 'System Settings' and field = 'time_zone'"

# What Frappe and the app write by themselves, when somebody logs in or looks at a page or in scheduled jobs, and
# what is only written beside something that counts.
WRITTEN_BY_ITSELF = {
	"Access Log",
	"Account Owner Change",
	"Account Transfer Item",
	"Activity Log",
	"Console Log",
	"Dashboard Settings",
	"Deleted Document",
	"Email Queue",
	"Error Log",
	"Installed Application",
	"Installed Applications",
	"Ledger Name Change",
	"Ledger Pruning",
	"Ledger Seal",
	"Ledger Verification",
	"Notification Log",
	"Notification Settings",
	"Permission Log",
	"Prepared Report",
	"Route History",
	"Scheduled Job Log",
	"Scheduled Job Type",
	"Version",
	"View Log",
	"Web Page View",
}


def note(site: Site) -> None:
	"""Write down in the site's folder that it is now as it was made."""
	now = datetime.now(timezone.utc)
	later = sorted(_saved_after(site, now))
	(site.path / NOTE).write_text(json.dumps({"made_on": now.isoformat(), "dated_later": later}))


def since_noted(site: Site) -> dict[str, int]:
	"""Return how many records of each DocType were saved or deleted since, the most first."""
	made = json.loads((site.path / NOTE).read_text())
	saved = _saved_after(site, datetime.fromisoformat(made["made_on"]))
	saved -= {tuple(record) for record in made["dated_later"]}
	return dict(Counter(doctype for doctype, _, _ in saved).most_common())


def _saved_after(site: Site, moment: datetime) -> set[tuple[str, str, str]]:
	"""Return DocType, name and time of what was saved after `moment`, and of what was deleted."""
	zone = _rows(site, TIME_ZONE)
	local = moment.astimezone(ZoneInfo(zone[0][0]) if zone else timezone.utc).replace(tzinfo=None)
	after = f"> '{local.isoformat(' ', 'microseconds')}'"
	tables = {table for (table,) in _rows(site, database_of(site.db_type).TABLES)}
	records = _rows(
		site, f"select doctype, '', value from tabSingles where field = 'modified' and value {after}"
	)
	records += _rows(
		site, f"select deleted_doctype, name, creation from `tabDeleted Document` where creation {after}"
	)
	for (doctype,) in _rows(site, "select name from tabDocType where istable = 0"):
		if f"tab{doctype}" in tables:
			found = _rows(site, f"select name, modified from `tab{doctype}` where modified {after}")
			records += [(doctype, name, modified) for name, modified in found]
	return {
		(doctype, str(name), str(moment))
		for doctype, name, moment in records
		if doctype not in WRITTEN_BY_ITSELF
	}


def _rows(site: Site, query: str) -> list[tuple]:
	return list(database_of(site.db_type).rows(site, query))
