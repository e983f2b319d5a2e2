"""The documents of sightings, by name."""

SIGHTING, CASE, CASE_SIGHTING = "Ringer Sighting", "Ringer Case", "Ringer Case Sighting"
TIP, LEAVER, LINK, WEBHOOK = "Ringer Tip", "Watched Leaver", "Ringer Watch Link", "Ringer Webhook"
ALL = (SIGHTING, CASE, CASE_SIGHTING, TIP, LEAVER, LINK, WEBHOOK)
