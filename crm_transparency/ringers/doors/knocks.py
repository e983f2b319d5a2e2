"""Putting what came by a door into the tray: the same work for right and wrong, whatever the outcome."""

from crm_transparency.ringers.watching import evidence_files, tray
from crm_transparency.ringers.watching.tip import Tip


def take(tip: Tip, is_genuine: bool) -> None:
	"""Keep a tip, with its evidence, if it is genuine.

	It's written in either case and then kept or removed, so that both take the same statements and the same time.
	"""
	name = tray.put(tip, state=tray.ARRIVING)
	if is_genuine:
		tray.accept(name)
	else:
		tray.remove(name)
		for evidence in tip.evidence:
			evidence_files.remove(evidence)
	tray.ask_for_a_look()
