"""Doors to the web: `webhook` for mail providers, `reports` for people who watch a ringer.

Anybody can knock, so both do the same for right and wrong: they put what came into the tray, and only then keep it or take
it out again. `requests` sees to it that every answer is the same. Whether an address is a ringer's is looked up later, in
the background.
"""
