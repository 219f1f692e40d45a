#!/usr/bin/env python
"""Runs scripts of the gallery and keeps their pictures.

    python docs/gallery/draw.py [NAME...]       # all of them, without names
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ["MPLBACKEND"] = "Agg"


def scripts() -> list[Path]:
    """The gallery, in order of name."""
    return sorted(path for path in HERE.glob("*.py") if path != Path(__file__).resolve())


def draw(script: Path, picture: Path) -> None:
    """Run one script in a process of its own, which begins as this one is now."""
    import matplotlib.pyplot as pyplot

    child = os.fork()
    if child == 0:
        try:
            runpy.run_path(str(script), run_name="__main__")
            pyplot.savefig(picture, dpi=64, metadata={"Software": None})
            sys.stdout.flush()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{script.name} failed")


def main() -> None:
    import brian2
    import brian2engram  # noqa: F401  (so that the processes have it)

    brian2.prefs.codegen.target = "numpy"  # for what is drawn in set-up; runs do not use it
    wanted = sys.argv[1:] or [path.stem for path in scripts()]
    (HERE / "pictures").mkdir(exist_ok=True)
    for name in wanted:
        draw(HERE / f"{name}.py", HERE / "pictures" / f"{name}.png")
        print(f"pictures/{name}.png")


if __name__ == "__main__":
    main()
