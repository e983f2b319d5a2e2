"""Ringers: decoy contacts that tell us when somebody uses our data, known to Ringer Managers only.

Other rooms import only `identities` (which records are ringers), `leavers` (compare sightings with somebody first),
`evidence_files` and `retiring` (what uninstalling takes away).

How a mail becomes a ranked sighting: `inbound_records` (pulled by Frappe) or `inbound_webhook` (delivered) → `inbox` →
`sightings` → `cases` → `comparison` → `export_holdings` and `scoring`.
"""
