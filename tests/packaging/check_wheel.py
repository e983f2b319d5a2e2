"""Check that a built wheel holds what a bench needs: every file of the app, and nothing else."""

import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def main(wheel: str) -> int:
	packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
	expected = {
		str(path.relative_to(REPOSITORY))
		for path in (REPOSITORY / "crm_transparency").rglob("*")
		if path.is_file() and "__pycache__" not in path.parts
	}
	for name in sorted(expected - packed):
		print(f"missing in the wheel: {name}")
	for name in sorted(packed - expected):
		print(f"shouldn't be in the wheel: {name}")
	if packed != expected:
		return 1
	print(f"{Path(wheel).name} holds all {len(packed)} files of the app")
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1]))
