from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.desk import Desk
from tests.http.conftest import administrator, coach, hr, manager, managers_customer, rep, ringer_manager

__all__ = ["administrator", "coach", "hr", "manager", "managers_customer", "rep", "ringer_manager"]

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# Waiting ends when what is waited for is there; this is for what never comes, on a busy machine too.
MILLISECONDS = 240_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
	with sync_playwright() as playwright:
		yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[Browser]:
	"""A browser whose windows know nothing of each other, and nothing of what was there before."""
	started = chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
	yield started
	started.close()


@pytest.fixture(scope="session")
def profiles(chromium, server, tmp_path_factory) -> Iterator[Callable[[str, dict], BrowserContext]]:
	"""What a person's browser keeps from one test to the next: the login, and the Desk's scripts, compiled.

	Loading the Desk takes a third of the time with it.
	"""
	contexts: dict[tuple, BrowserContext] = {}

	def profile(role: str, viewport: dict) -> BrowserContext:
		key = (role, *viewport.values())
		if key not in contexts:
			contexts[key] = chromium.launch_persistent_context(
				tmp_path_factory.mktemp("profile"),
				executable_path=find_chromium(),
				args=ARGUMENTS,
				viewport=viewport,
				base_url=server,
				locale="en-US",
			)
		return contexts[key]

	yield profile
	for context in contexts.values():
		context.close()


@pytest.fixture
def open_desk(profiles, ground) -> Iterator[Callable[..., Desk]]:
	"""Open the Desk as "rep", "manager", "hr" or "administrator", in a window of its own."""
	contexts = []

	def open_as(role: str, viewport: dict = DESKTOP) -> Desk:
		context = profiles(role, viewport)
		contexts.append(context)
		return Desk(new_page(context), ground.logins[role])

	yield open_as
	for context in contexts:
		for page in context.pages:
			page.close()


def new_page(context) -> Page:
	page = context.new_page()
	page.set_default_timeout(MILLISECONDS)
	expect.set_options(timeout=MILLISECONDS)
	return page
