"""How long `workbench --help` takes, beside a bare Python and a Python that imports pandas.

python benchmarks/help_speed.py [runs] [--write FILE]
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from statistics import median

from results import Section, arguments, milliseconds, publish, table, timed

TARGET_MS = 500
COMMANDS = {
    "workbench --help": "import sys; sys.argv = ['workbench', '--help']\n"
    "from workbench.cli import main; main()",
    "bare python": "pass",
    "python importing pandas": "import pandas",
}


def times(code: str, runs: int) -> list[float]:
    """Milliseconds of each run in a new process; one run before warms the file cache."""
    run = partial(
        subprocess.run, [sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True
    )
    return [timed(run)[0] for _ in range(runs + 1)][1:]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=9)
    asked = parser.parse_args()
    taken = {name: times(code, asked.runs) for name, code in COMMANDS.items()}
    medians = {name: median(each) for name, each in taken.items()}
    rows = [
        [name, milliseconds(medians[name]), milliseconds(min(each))] for name, each in taken.items()
    ]
    ours, pandas = medians["workbench --help"], medians["python importing pandas"]
    verdict = "met" if ours < TARGET_MS else "MISSED"
    lines = [
        *table(["", "median", "best"], rows),
        f"Help takes {ours / pandas:.2f} of importing pandas; target < {TARGET_MS} ms: {verdict}",
    ]
    publish(Section("Help", "python benchmarks/help_speed.py", lines), asked.write)
    return 0 if ours < TARGET_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
