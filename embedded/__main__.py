"""`python -m embedded COMMAND`, which is what bin/demo runs: the commands, and who does the work.

Only Python's own modules are imported before a command runs: its help is there before anything is installed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from embedded.progress import warn

# What can go wrong in ways that a message explains better than a traceback; imported when something did.
EXPLAINED_ERRORS = {
	"EngineError": "embedded.engine.wheel",
	"SiteError": "embedded.site",
	"DemoError": "embedded.demo",
	"AssetsError": "embedded.assets",
}
INTERRUPTED = 130


class Command(NamedTuple):
	"""A command: what it does in one sentence, its options, and the function that gets them."""

	help: str
	add_options: Callable[[argparse.ArgumentParser], None]
	run: Callable[[argparse.Namespace], int | None]


def _demo_options(parser: argparse.ArgumentParser) -> None:
	parser.add_argument(
		"--customers",
		type=Path,
		metavar="FILE.csv",
		help="use your own customer list instead of made-up customers",
	)
	parser.add_argument(
		"--reset",
		action="store_true",
		help="start over, whatever was changed on the demo site: as it was at first, or with --customers",
	)
	parser.add_argument(
		"--port", type=int, default=8000, help="default 8000; the next free one if it is taken"
	)
	parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: only this machine")
	parser.add_argument("--db", choices=("sqlite", "mariadb"), default="sqlite", help="default sqlite")


def _demo(options: argparse.Namespace) -> int:
	from embedded import demo

	return demo.run(options)


def _serve_options(parser: argparse.ArgumentParser) -> None:
	parser.add_argument("--site-folder", type=Path, required=True)
	parser.add_argument("--host", default="127.0.0.1")
	parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
	parser.add_argument(
		"--db", choices=("sqlite", "mariadb"), help="fail unless the site is on this database"
	)
	parser.add_argument("--no-workers", action="store_true", help="no background jobs, no scheduled events")
	parser.add_argument("--no-assets", action="store_true", help="pages without styles and scripts")


def _serve(options: argparse.Namespace) -> int | None:
	from embedded.server import serve
	from embedded.site import Site

	site = Site.at(options.site_folder)
	if options.db and options.db != site.db_type:
		warn(f"The site in {site.path} is on {site.db_type}, not on {options.db}.")
		return 2
	folder = None
	if not options.no_assets:
		from embedded import assets

		folder = assets.build()
	serve(site, options.host, options.port, not options.no_workers, folder)
	return 0


def _build_template_options(parser: argparse.ArgumentParser) -> None:
	parser.add_argument("--db", choices=("sqlite", "mariadb"), default="sqlite")
	parser.add_argument("--content", default="apps")


def _build_template(options: argparse.Namespace) -> None:
	from embedded.site import CONTENTS, SiteError, build_template

	if options.content not in CONTENTS:
		raise SiteError(f"{options.content} is no content of a site. Known are: {', '.join(CONTENTS)}.")
	build_template(options.content, options.db)


def _load_customers_options(parser: argparse.ArgumentParser) -> None:
	parser.add_argument("--site-folder", type=Path, required=True)
	parser.add_argument("file", type=Path)


def _load_customers(options: argparse.Namespace) -> int:
	from embedded.demo import load_customers

	return load_customers(options.site_folder, options.file)


def _verify_options(parser: argparse.ArgumentParser) -> None:
	parser.add_argument("--head", action="append", default=[], help="a chain hash that somebody outside held")
	parser.add_argument("--export", help="write what is verified to this file, as JSON lines")


def _verify(options: argparse.Namespace) -> int:
	from embedded.demo import run_app_command

	arguments = [argument for head in options.head for argument in ("--head", head)]
	if options.export:
		arguments += ["--export", options.export]
	return run_app_command("verify-transparency-ledgers", arguments)


COMMANDS = {
	"demo": Command("Run the demo company (the default).", _demo_options, _demo),
	"serve": Command("Serve the site in a folder.", _serve_options, _serve),
	"build-template": Command(
		"Build the sites that others are copied from.", _build_template_options, _build_template
	),
	"load-customers": Command("Load a customer list into a site.", _load_customers_options, _load_customers),
	"verify": Command("Verify the demo company's ledgers.", _verify_options, _verify),
}


def main(arguments: list[str] | None = None) -> int:
	"""Run one command; returns the exit code. A word that is no command of ours may be one of an app's."""
	arguments = list(sys.argv[1:] if arguments is None else arguments)
	if not arguments or arguments[0].startswith("-"):
		arguments.insert(0, "demo")
	try:
		if arguments[0] not in COMMANDS:
			from embedded.demo import run_app_command

			return run_app_command(arguments[0], arguments[1:])
		return _run(arguments)
	except KeyboardInterrupt:
		warn("\nInterrupted. Run the command again to go on.")
		return INTERRUPTED
	except Exception as error:
		module = EXPLAINED_ERRORS.get(type(error).__name__)
		if module is None or not isinstance(
			error, getattr(importlib.import_module(module), type(error).__name__)
		):
			raise
		warn(str(error))
		return 1


def _run(arguments: list[str]) -> int:
	parser = argparse.ArgumentParser(prog="bin/demo")
	subparsers = parser.add_subparsers(dest="command", required=True)
	for name, command in COMMANDS.items():
		usage = "bin/demo" if name == "demo" else f"bin/demo {name}"
		subparser = subparsers.add_parser(name, prog=usage, help=command.help, description=command.help)
		if name == "demo":
			others = ", ".join(sorted(set(COMMANDS) - {name}))
			subparser.epilog = f"Other commands: {others}, and those of the apps, run on the demo site."
		command.add_options(subparser)
	options = parser.parse_args(arguments)
	return COMMANDS[options.command].run(options) or 0


if __name__ == "__main__":
	sys.exit(main())
