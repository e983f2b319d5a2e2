"""Evidence bundles: what the ledgers hold about one person in one period, as files that others can check.

`requests` is the door: managers ask for a bundle, a job makes it, and they download it. `bundle` puts it together from
`people` (which entries are about a person), `tables` (CSV), `summary` (PDF) and `archive` (ZIP and SHA256SUMS).
"""
