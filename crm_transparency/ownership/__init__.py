"""Account ownership: who has which account, since when and from whom, recorded in a ledger and shown on every form.

Public modules: `changes` (what a save changed, where it came from, telling the previous owner), `patterns` (takeovers that
make a pattern), `reconciliation` (changes that passed no hook), `ownership_visibility` (who sees the ledger),
`ownership_indexes` (what the reports need from the database).
"""
