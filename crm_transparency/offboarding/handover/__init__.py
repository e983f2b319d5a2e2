"""The handover: what becomes of everything that hangs on a leaver.

Steps 4 to 6 of the wizard. The plan (`plan`, `grid`, `spreadsheet`) says who gets which account and why; introductions
(`introductions`) let the leaver write to the key accounts; the transfer (`transfer`) carries the plan out. What people
do there goes through the whitelisted functions in `api`.
"""
