"""Ledgers: entries that are only ever added, seals that show if one was changed, and names that entries outlive.

Other rooms call

- `entries`: the base class of ledgers, and adding an entry
- `ledgers`: which DocTypes are ledgers, and who stands in them
- `names`: under which names a document's entries stand
- `seals`: sealing what isn't sealed yet
- `verification`: checking seals, and exporting entries with the seals that prove them

`chain`, `canonical`, `verifier`, `report`, `verify` and `audit` are plain Python: an auditor runs them without Frappe.
"""
