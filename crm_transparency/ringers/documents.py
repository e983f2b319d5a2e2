"""The room's DocTypes by name."""

SIGHTING, CASE, CASE_SIGHTING = "Ringer Sighting", "Ringer Case", "Ringer Case Sighting"
INBOUND_MESSAGE, LEAVER, LINK, WEBHOOK_SETTINGS = (
	"Ringer Inbound Message",
	"Watched Leaver",
	"Ringer Watch Link",
	"Ringer Webhook",
)
ALL = (SIGHTING, CASE, CASE_SIGHTING, INBOUND_MESSAGE, LEAVER, LINK, WEBHOOK_SETTINGS)
