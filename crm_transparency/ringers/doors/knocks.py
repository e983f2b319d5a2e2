"""Putting what came by a door into the tray: the same work for right and wrong, whatever the outcome."""

from crm_transparency.ringers.watching import tray
from crm_transparency.ringers.watching.tip import Tip


def take(tip: Tip, is_genuine: bool) -> None:
	"""Keep a tip, with its evidence, if it is genuine.

	It's written in either case, and the next look throws away what isn't: so right and wrong take the same statements
	and the same time.
	"""
	tray.decide(tray.put(tip, state=tray.ARRIVING), is_genuine)
	tray.ask_for_a_look()
