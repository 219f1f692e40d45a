"""docs/tutorial.md as its reader follows it: files written, commands run, output as shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"


def blocks():
    """Kind and text of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", TUTORIAL.read_text(), re.M | re.S)


def shown(line: str) -> str:
    """A pattern for a line of shown output: ... stands for anything."""
    return ".*".join(re.escape(part.strip()) for part in line.split("..."))


def test_every_block_works_in_its_order(tmp_path):
    (tmp_path / "brian_preferences").write_text("codegen.target = 'numpy'\n")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    output, files, commands = "", 0, 0
    (kind, install), *others = blocks()
    assert kind == "sh" and install.startswith("pip install")  # test_wheel.py does that
    for kind, text in others:
        if kind == "python":
            name = re.match(r"# (\w+\.py)\n", text).group(1)
            (tmp_path / name).write_text(text)
            files += 1
        elif kind == "sh":
            done = subprocess.run(["sh", "-e", "-c", text], cwd=tmp_path, text=True,
                                  capture_output=True, env={**os.environ, "PATH": path})
            assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"
            output = done.stdout
            commands += 1
        else:
            for line in text.splitlines():
                assert re.search(shown(line), output), f"{line!r} is not in\n{output}"
    assert files >= 3 and commands >= 7
    for name in ("wave.h5", "results.h5", "results.png", "rate.png", "ring.png", "raster.png"):
        assert (tmp_path / name).stat().st_size > 0
