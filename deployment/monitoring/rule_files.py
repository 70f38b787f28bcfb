"""Plain rule files for a Prometheus without its operator: `python -m deployment.monitoring.rule_files FOLDER`.

The rules stand once, as objects of the operator (prometheus/*.yaml). A rule file is what such an object has in `spec`.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent / "prometheus"
NAMES = ("recording.yaml", "expected.yaml", "alerts.yaml")


def groups() -> dict[str, list[dict[str, Any]]]:
    """The groups of rules of each file."""
    return {name: yaml.safe_load((RULES / name).read_text())["spec"]["groups"] for name in NAMES}


def write(folder: Path) -> list[Path]:
    """Writes the files, as `rule_files` of Prometheus's configuration names them; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in groups().items():
        (folder / name).write_text(yaml.safe_dump({"groups": found}, sort_keys=False, width=1000))
    return [folder / name for name in NAMES]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):  # noqa: PLR2004  # the program's name, and the folder
        sys.exit("usage: python -m deployment.monitoring.rule_files FOLDER")
    sys.stdout.writelines(f"{file}\n" for file in write(Path(sys.argv[1])))
