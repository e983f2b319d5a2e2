"""Introductions: letters, or invitations, by which the leaver introduces key accounts to their successors.

`drafting` writes them down, people word and approve them, `sending` lets them go at a set pace, each once, and
`replies` sees what comes back.
"""
