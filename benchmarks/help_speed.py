"""How long `workbench --help` takes, beside a bare Python and a Python that imports pandas.

python benchmarks/help_speed.py [runs]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

TARGET_SECONDS = 0.5
COMMANDS = {
    "workbench --help": "import sys; sys.argv = ['workbench', '--help']\n"
    "from workbench.cli import main; main()",
    "bare python": "pass",
    "python importing pandas": "import pandas",
}


def seconds(code: str, runs: int) -> list[float]:
    """Wall-clock seconds of each run in a new process; one run before warms the file cache."""
    taken = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
        taken.append(time.perf_counter() - started)
    return taken[1:]


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print(f"{'command':28} {'median s':>9} {'best s':>9}   ({runs} runs each)")
    medians = {}
    for name, code in COMMANDS.items():
        taken = seconds(code, runs)
        medians[name] = statistics.median(taken)
        print(f"{name:28} {medians[name]:9.3f} {min(taken):9.3f}")
    ours = medians["workbench --help"]
    print(
        f"help takes {ours / medians['python importing pandas']:.2f} of importing pandas; "
        f"target < {TARGET_SECONDS} s: {'met' if ours < TARGET_SECONDS else 'MISSED'}"
    )
    return 0 if ours < TARGET_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
