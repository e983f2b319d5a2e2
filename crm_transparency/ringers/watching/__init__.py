"""Watching: what comes in for a ringer, by whichever door, becomes a sighting within a minute.

A door (`incoming` for mail, `calls` for the telephone, and the web's in `doors`) does as little as it can: it puts a tip
into the tray. `tips` looks through the tray in the background, the same for all: `own_company` and `noise` sort out,
`sightings` writes the ledger, `cases` (in the room) opens a case. `evidence_files` keeps what came, encrypted.
"""
