"""Debian's Chromium, driven by Playwright: the shell without windows where it is there, which takes a third less time."""

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


NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
	return next(filter(None, map(shutil.which, NAMES)), None)
