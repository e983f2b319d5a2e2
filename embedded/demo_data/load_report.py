"""What became of a customer list, row by row."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

LINES_SHOWN = 50
NAMED = 10


@dataclass
class Remark:
	"""Something about the row that starts in `line` of the file."""

	line: int
	customer: str
	reason: str

	def __str__(self) -> str:
		return ": ".join(filter(None, [f"  line {self.line}", self.customer, self.reason]))


@dataclass
class LoadReport:
	"""`print` it: it shows fifty lines about rows, and says which file beside the list has all of them.

	`fatal` says why nothing at all was loaded, and is None when the list could be read.
	"""

	path: Path
	fatal: str | None = None
	encoding: str = ""
	delimiter: str = ""
	used_columns: dict[str, str] = field(default_factory=dict)
	unused_columns: list[str] = field(default_factory=list)
	loaded: int = 0
	refused: list[Remark] = field(default_factory=list)
	left_out: list[Remark] = field(default_factory=list)
	created: dict[str, list[str]] = field(default_factory=dict)
	colleagues: list[str] = field(default_factory=list)
	"""Users made of account managers who had none, as "full name (address)"."""
	written_to: Path | None = None

	def __str__(self) -> str:
		if self.fatal:
			return self.fatal
		about_rows = self.about_rows()
		lines = self.summary() + about_rows[:LINES_SHOWN]
		if len(about_rows) > LINES_SHOWN:
			where = f", all of them in {self.written_to}" if self.written_to else ""
			lines.append(f"… and {len(about_rows) - LINES_SHOWN:,} more lines{where}")
		return "\n".join(lines)

	def summary(self) -> list[str]:
		count = f"{counted(self.loaded, 'customer')} loaded, {counted(len(self.refused), 'row')} refused"
		lines = [f"{self.path.name} ({self.encoding}, {self.delimiter}-separated): {count}"]
		used = ", ".join(f"{title} ({name})" for title, name in self.used_columns.items())
		lines.append(f"Columns used: {used}")
		if self.unused_columns:
			lines.append(f"Columns not used: {', '.join(self.unused_columns)}")
		lines += [f"New in {doctype}: {listed(names)}" for doctype, names in self.created.items()]
		if self.colleagues:
			lines.append(f"New colleagues, with everybody's password: {listed(self.colleagues)}")
		return lines

	def about_rows(self) -> list[str]:
		"""A line for each refused row, and one for each thing that was left out of the rows it names."""
		lines = []
		if self.refused:
			lines += ["Rows refused:", *map(str, self.refused)]
		if self.left_out:
			rows: dict[str, list[int]] = {}
			for remark in self.left_out:
				rows.setdefault(remark.reason, []).append(remark.line)
			lines += ["Loaded, with something missing:"]
			lines += [f"  {reason}: {numbered(numbers)}" for reason, numbers in rows.items()]
		return lines

	def write_when_long(self) -> None:
		"""Write the whole report beside the list, or to a new temporary folder where that isn't allowed."""
		about_rows = self.about_rows()
		if len(about_rows) <= LINES_SHOWN:
			return
		text = "\n".join(self.summary() + about_rows) + "\n"
		name = f"{self.path.stem}.load-report.txt"
		try:
			self.written_to = self.path.with_name(name)
			self.written_to.write_text(text, encoding="utf-8")
		except OSError:
			self.written_to = Path(tempfile.mkdtemp(), name)
			self.written_to.write_text(text, encoding="utf-8")


def numbered(lines: list[int]) -> str:
	return f"{'line' if len(lines) == 1 else 'lines'} {listed(list(map(str, lines)))}"


def listed(names: list[str]) -> str:
	"""`names` with commas; of many the first few."""
	more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
	return ", ".join(names[:NAMED]) + more


def counted(number: int, noun: str) -> str:
	return f"{number:,} {noun if number == 1 else noun + 's'}"


def shortened(text: str) -> str:
	return text if len(text) <= 60 else f"{text[:59]}…"
