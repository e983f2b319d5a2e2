"""Debian's Chromium, driven by Playwright."""

import shutil

# switches off what Chromium would otherwise ask the internet for by itself
ARGUMENTS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
]


def find_chromium() -> str | None:
	return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
