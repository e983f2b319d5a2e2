"""Marks by which a drill is known again: only this site can make one, and for others it's a campaign's reference."""

import hmac
import secrets

from crm_transparency.ringers.fingerprints import fingerprint


def new() -> str:
	nonce = secrets.token_hex(8)
	return f"{nonce}-{_proof(nonce)}"


def is_genuine(mark: str | None) -> bool:
	nonce, _dash, proof = (mark or "").strip().partition("-")
	return bool(proof) and hmac.compare_digest(proof.encode(), _proof(nonce).encode())


def _proof(nonce: str) -> str:
	return fingerprint("drill", nonce)[:32]
