from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a machine busy with other work isn't a finding
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture
def one_transaction(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
	"""Let jobs commit nothing, so that the test's rollback takes everything away again."""
	import frappe

	from crm_transparency.ledger import chain_head, seals

	# the seals that a site has are moved in time and removed here: the server's own copy of their hashes stays out of it
	monkeypatch.setattr(chain_head, "_file_of_heads", lambda: str(tmp_path / "heads.txt"))
	real_rollback = frappe.db.rollback

	def rollback(*, save_point: str | None = None, chain: bool = False) -> None:
		if save_point:
			real_rollback(save_point=save_point)

	monkeypatch.setattr(frappe.db, "commit", lambda *, chain=False: None)
	monkeypatch.setattr(frappe.db, "rollback", rollback)
	seals.seal_new_entries()
	yield


@pytest.fixture
def sealed(one_transaction: None):
	"""A block of five entries of the ledger of account owner changes, and its seal."""
	from tests.ledger.tampering import seal_entries

	return seal_entries()
