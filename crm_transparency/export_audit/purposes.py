"""What an export is for, as the person said: a form parameter of the request, whichever way out that takes.

An export that Frappe v16 makes in the background gets it along with the form that the job is given.
"""

from collections.abc import Callable

from crm_transparency.export_audit.ways_out import background

PURPOSE = "transparency_purpose"
MAX_LENGTH = 500


def take_from(form: object) -> str | None:
	"""Take the purpose out of a form: Frappe's own methods don't know the parameter."""
	purpose = form.pop(PURPOSE, None) if isinstance(form, dict) else None
	return str(purpose)[:MAX_LENGTH] if purpose else None


def handing_on(enqueue: Callable, current_purpose: Callable[[], str | None]) -> Callable:
	"""Let jobs that export know what the request that queues them is for."""

	def watched(*args, **kwargs):
		method = args[0] if args else kwargs.get("method")
		form, purpose = kwargs.get("form_params"), current_purpose()
		if purpose and method in background.BY_JOB and isinstance(form, dict) and not kwargs.get("now"):
			form[PURPOSE] = purpose
		return enqueue(*args, **kwargs)

	return watched
