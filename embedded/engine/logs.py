"""Log files and progress bars.

monoframe writes log files next to the working directory, or fails when there is no such folder there.
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import frappe
import frappe.utils
import frappe.utils.logger

from embedded.engine.replace import replaces


@replaces("frappe.utils.logger.create_handler", cut="wrote to ../logs of the working directory")
def create_handler(module, site=None, max_size=100_000, file_count=20, stream_only=False):
	"""Return the handler that writes the messages of `module` to the site's `logs` folder."""
	if stream_only or not getattr(frappe.local, "site_path", None):
		handler: logging.Handler = logging.StreamHandler()
	else:
		folder = Path(frappe.local.site_path, "logs")
		folder.mkdir(parents=True, exist_ok=True)
		handler = RotatingFileHandler(
			folder / f"{module}.log", maxBytes=max_size, backupCount=file_count, delay=True
		)
	handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)s {module} %(message)s"))
	return [handler]


def close() -> None:
	"""Close the log files and forget the loggers, before the site's folder goes away."""
	for name, logger in list(frappe.loggers.items()):
		for handler in list(logger.handlers):
			logger.removeHandler(handler)
			handler.close()
		frappe.loggers.pop(name, None)


@replaces("frappe.utils.update_progress_bar", cut="nothing; it filled log files with a line for each percent")
def update_progress_bar(txt, i, l, absolute=False) -> None:  # noqa: E741
	"""Print nothing: whoever calls the engine says what is going on."""
