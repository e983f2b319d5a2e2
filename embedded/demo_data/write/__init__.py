"""Puts the plan into the connected site, one module a kind of record."""
