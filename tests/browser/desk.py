"""Frappe's Desk as a person uses it."""

import os
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.grounds import Login

# the docs' pictures; a run of the tests renews them only when asked to
SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
RENEW = os.environ.get("CRM_TRANSPARENCY_SCREENSHOTS") == "1"
# what the Desk says about the chat server, which the demo and these tests don't run, and what its data table throws
# when a page is left while a cell still has the focus
HARMLESS = ("socket.io", "favicon", "ERR_CONNECTION_REFUSED", "Failed to execute 'removeChild' on 'Node'")

SETTLED = """() => new Promise(resolve => {
	let quiet = 0;
	const look = setInterval(() => {
		quiet = document.readyState === "complete" && !window.$?.active ? quiet + 1 : 0;
		if (quiet < 4) return;
		clearInterval(look);
		resolve();
	}, 100);
})"""


class Desk:
	def __init__(self, page: Page, login: Login):
		self.page = page
		self.login = login
		self.errors: list[str] = []
		page.on("pageerror", lambda error: self._note_error(str(error)))
		page.on("console", self._note_console_error)
		# seen when a test fails; leaving a page ends requests, which is no error
		page.on("requestfailed", lambda request: print("Failed:", request.url, request.failure))
		self._log_in()

	def _log_in(self) -> None:
		"""Log in, unless the browser still is."""
		who = self.page.request.get("/api/method/frappe.auth.get_logged_user")
		if who.ok and who.json()["message"] == self.login.user:
			return
		form = {"usr": self.login.user, "pwd": self.login.password}
		response = self.page.request.post("/api/method/login", form=form)
		assert response.ok, response.text()

	def open_form(self, doctype: str, name: str) -> None:
		self.page.goto(f"/app/{doctype.lower().replace(' ', '-')}/{quote(name, safe='')}")
		expect(self.page.locator(".form-layout:visible")).to_be_visible()

	def open_list(self, doctype: str, query: str = "") -> None:
		self.page.goto(f"/app/{doctype.lower().replace(' ', '-')}/view/list{query}")
		expect(self.page.locator(".frappe-list:visible .list-row-container").first).to_be_visible()

	def strip(self) -> Locator:
		return self.page.locator(".account-strip:visible")

	def choose(self, fieldname: str, value: str) -> None:
		"""Type into a link field, choose the suggestion that is `value`, and leave the field."""
		field = self._input_of(fieldname)
		self.suggest(field, value)
		# the Desk asks the server whether there is such a record before it takes the value
		field.evaluate("input => { window.chosen_field = input.closest('.frappe-control').fieldobj; }")
		self.page.wait_for_function(
			"value => [chosen_field.value, chosen_field.get_model_value()].includes(value)", arg=value
		)

	def suggest(self, field: Locator, value: str) -> None:
		"""Type into a field, choose the suggestion that is `value`, and leave the field with its suggestions closed.

		Suggestions that come late would lie over whatever is clicked next. A field that isn't left for another one shows
		none: Tab would lead into the next field, which shows its own.
		"""
		field.scroll_into_view_if_needed()
		field.click()
		field.fill(value)
		suggestions = self.page.locator(".awesomplete ul:visible")
		suggestions.locator("> *", has_text=value).first.click()
		field.blur()
		expect(suggestions).to_have_count(0)

	def _input_of(self, fieldname: str) -> Locator:
		"""Return a field's input, after opening the tab of the form that it is on, which differs between versions."""
		inputs = self.page.locator(f".frappe-control[data-fieldname='{fieldname}'] input")
		inputs.first.wait_for(state="attached")
		self.page.evaluate("name => window.cur_frm?.get_field(name)?.tab?.set_active()", fieldname)
		return inputs.and_(self.page.locator(":visible")).first

	def save(self) -> None:
		with self.page.expect_response(lambda response: "savedocs" in response.url) as saved:
			self.page.keyboard.press("Control+s")
		assert saved.value.ok, saved.value.text()
		self.page.wait_for_function("!cur_frm.is_new() && !cur_frm.is_dirty()")

	def confirm(self) -> None:
		"""Answer Yes, once the dialog is open: Bootstrap doesn't close one that is still opening."""
		yes = self.page.locator(".modal-dialog:visible").get_by_role("button", name="Yes")
		yes.wait_for()
		self.page.wait_for_function(
			"[...document.querySelectorAll('.modal.show')].every(it => !$(it).data('bs.modal')?._isTransitioning)"
		)
		yes.click()

	def settle(self) -> None:
		"""Wait until the Desk has asked the server for nothing for a while."""
		self.page.evaluate(SETTLED)

	def overflow(self) -> int:
		"""Return by how many pixels the page is wider than the window."""
		return self.page.evaluate(
			"document.documentElement.scrollWidth - document.documentElement.clientWidth"
		)

	def screenshot(self, name: str) -> None:
		"""Take a picture that the docs show, if CRM_TRANSPARENCY_SCREENSHOTS=1 asks for new ones."""
		self.settle()
		if RENEW:
			SCREENSHOTS.mkdir(parents=True, exist_ok=True)
			self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

	def _note_console_error(self, message) -> None:
		if message.type == "error":
			self._note_error(f"{message.text} {message.location.get('url')}")

	def _note_error(self, text: str) -> None:
		print("Error:", text)
		if not any(word in text for word in HARMLESS):
			self.errors.append(text)
