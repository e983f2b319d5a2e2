"""The exit interview: its place in calendars, its invitation and its letter."""

INTERVIEW = "Offboarding Interview"
