"""How a leaver's access ends, and how that is proved."""

REMOVAL = "Access Removal"
NOT_PLANNED, PLANNED, ENDED, GIVEN_BACK = "Open", "Planned", "Ended", "Given Back"
