"""Brian2's published examples: recorded, converted, checked, run strict, compared with Brian2.

    PYTHONHASHSEED=0 python tests/conform/examples.py --examples DIR --work build/examples
    PYTHONHASHSEED=0 python tests/conform/examples.py --examples DIR --work build/examples --whole
    python tests/conform/examples.py --work build/examples --table docs/examples.md

DIR is the folder `examples` of Brian2's repository or source distribution. Each example runs in
a process of its own (example_oracle.py says what is changed about it), in two lengths: every
run() at most 100 ms long and at most 12 of them, or, with --whole, as published. Outcomes are
kept in WORK/outcomes.json, so that a call goes on where the last one ended: what is there is not
done again unless it is named, or --again says which outcomes are.

Equal means: every spike, trace, rate and final value of every document has the bits that Brian2
left, compiled with strict IEEE flags. Exit status 0 if no example that examples.txt says is
possible failed or differed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "fidelity"))
CAP = 0.1  #: seconds: length of a run() unless --whole
GOOD = ("equal", "no run")
NO_RUN = "no simulation in it"  #: a reason in examples.txt
TIERS = ("short", "whole")


def census() -> dict[str, str]:
    """Each example, and why it is not possible without Python ('' if it is)."""
    found = {}
    for line in (HERE / "examples.txt").read_text(encoding="utf-8").splitlines():
        name, _, reason = line.partition("#")
        if name.strip():
            found[name.strip()] = reason.strip()
    return found


class Outcomes:
    """What came of each example, by tier; on disk after each of them."""

    def __init__(self, work: Path) -> None:
        self.path = work / "outcomes.json"
        self.all: dict = self._read()

    def _read(self) -> dict:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get(self, name: str, tier: str) -> dict:
        return self.all.get(name, {}).get(tier, {})

    def put(self, name: str, tier: str, outcome: dict) -> None:
        self.all = self._read()  # another process may have added to it
        self.all.setdefault(name, {})[tier] = outcome
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(self.all, indent=1, sort_keys=True))
        os.replace(beside, self.path)


def one_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def try_example(name: str, tier: str, args: argparse.Namespace) -> dict:
    """Record, convert, check, run and compare one example."""
    folder = args.work / tier / name.replace("/", "+")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    script = (args.examples / f"{name}.py").resolve()
    command = [sys.executable, HERE / "example_oracle.py", script, folder / "x",
               "--cache", (args.work / "cython").resolve()]
    if tier == "short":
        command += ["--cap", str(CAP)]
    end = time.monotonic() + args.timeout
    log = folder / "log.txt"
    try:
        with log.open("w") as to:
            done = subprocess.run(command, stdout=to, stderr=subprocess.STDOUT, check=False,
                                  cwd=script.parent, timeout=args.timeout,
                                  env=dict(os.environ, PYTHONHASHSEED="0"))
    except subprocess.TimeoutExpired:
        return {"status": "timeout", "detail": f"Brian2 takes more than {args.timeout:g} s"}
    if done.returncode:
        return {"status": "failed", "detail": one_line(log.read_text())}
    facts = json.loads((folder / "x.json").read_text())
    outcome = {key: facts[key] for key in ("runs", "documents", "capped", "seconds")}
    if "refused" in facts:
        losses = {tuple(loss) for loss in facts["refused"]}
        return {**outcome, "status": "refused",
                "detail": "; ".join(": ".join(loss) for loss in sorted(losses))}
    if facts.get("swallowed"):
        return {**outcome, "status": "failed", "detail": facts["swallowed"]}
    if not facts["runs"]:
        failed = facts.get("script")
        return {**outcome, "status": "failed" if failed else "no run", "detail": failed or ""}
    if tier == "whole" and facts.get("script"):
        outcome["script"] = facts["script"]
    return {**outcome, **compare_documents(folder, facts["documents"], args, end)}


def compare_documents(folder: Path, count: int, args: argparse.Namespace, end: float) -> dict:
    """What came of the documents of one example."""
    import h5py

    from compare import compare_exact, load_reference

    arrays = values = spikes = 0
    for number in range(1, count + 1):
        stem = folder / f"x.{number}"
        archive, results = stem.with_suffix(f".{number}.h5"), folder / "r.h5"
        for step in (["convert", f"{stem}.mpk", archive], ["check", archive],
                     ["run", archive, "--math", "strict", "--quiet", "--out", results]):
            try:
                done = subprocess.run([args.engram, *map(str, step)], capture_output=True,
                                      text=True, timeout=max(end - time.monotonic(), 1),
                                      check=False)
            except subprocess.TimeoutExpired:
                return {"status": "timeout", "detail": f"engram {step[0]} and Brian2 take more "
                                                       f"than {args.timeout:g} s"}
            if done.returncode:
                return {"status": "failed",
                        "detail": f"engram {step[0]}: {one_line(done.stderr)}"}
        reference, _ = load_reference(f"{stem}.npz")
        with h5py.File(results) as file:
            difference = compare_exact(file, reference)
        if difference:
            return {"status": "differs", "detail": f"document {number}: " + difference.lines[0],
                    "differences": difference.lines}
        arrays += len(reference)
        values += sum(value.size for value in reference.values())
        spikes += sum(value.size for key, value in reference.items()
                      if key.startswith("spikes/") and key.endswith("/i"))
        archive.unlink()
        results.unlink()
    for document in folder.glob("x.*.*"):
        document.unlink()
    return {"status": "equal", "arrays": arrays, "values": values, "spikes": spikes}


def text_of(outcome: dict) -> str:
    """A cell of the table."""
    status = outcome.get("status")
    if status is None:
        return "not yet compared"
    if status == "equal":
        return f"equal ({sum(outcome['seconds']):.4g} s)"
    return "too long" if status == "timeout" else status


def tiers_of(outcomes: Outcomes, name: str) -> tuple[dict, dict]:
    """Both outcomes of an example: what is equal to its end is so at its beginning, and what
    has no long run() is whole when it is short."""
    short, whole = (outcomes.get(name, tier) for tier in TIERS)
    if whole.get("status") in GOOD:
        short = {**whole, "seconds": [min(CAP, each) for each in whole.get("seconds", [])]}
    elif not whole and short.get("status") in GOOD and not short.get("capped"):
        whole = short
    return short, whole


def table(outcomes: Outcomes) -> str:
    """docs/examples.md."""
    names = census()
    possible = [name for name, reason in names.items() if not reason]
    short, whole = ([tiers_of(outcomes, name)[k].get("status") for name in possible]
                    for k in (0, 1))
    lines = [
        "# Brian2's examples",
        "",
        "The examples that Brian2 2.9.0 is published with, each recorded as by `capture --all`, "
        "converted,",
        "checked, run with `--math strict` and compared with what Brian2 computed, compiled with "
        "strict IEEE",
        "flags: every spike, trace, rate and final value, bit by bit. This page is made by",
        "`tests/conform/examples.py`; [testing.md](testing.md) has the command.",
        "",
        f"Of {len(names)} files, {len(possible)} hold networks that need no Python while they "
        "run.",
        "",
        "| | equal | no run | differ | refused | failed | too long | not yet compared |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for title, tier in (("first 100 ms of each run", short), ("to the end, as published", whole)):
        counts = [tier.count(status) for status in
                  ("equal", "no run", "differs", "refused", "failed", "timeout", None)]
        lines.append(f"| {title} | {' | '.join(map(str, counts))} |")
    lines += [
        "",
        "*runs*: calls of `run()`; \"in n\": documents, where the script begins anew in between; "
        "\"the",
        "first\": those that the short comparison makes. *equal*: with the time simulated. *too "
        "long*: for",
        "the machine that made this table, which others used at the time. *no run*: the script "
        "never calls `run()`.",
        "",
        "| example | runs | 100 ms | to the end | |",
        "|---|---|---|---|---|",
    ]
    for name, reason in names.items():
        lines.append(row(name, reason, *tiers_of(outcomes, name)))
    return "\n".join(lines) + "\n"


def row(name: str, reason: str, short: dict, whole: dict) -> str:
    """An example in the table."""
    best = whole if whole.get("documents") else short
    runs = str(best.get("runs") or "")
    if best is short and short.get("capped") and short.get("runs", 0) >= 12:
        runs = f"the first {runs}"
    if best.get("documents", 1) > 1:
        runs += f" in {best['documents']}"
    notes = [reason] if reason else []
    for outcome in (short, whole):
        detail = outcome.get("detail")
        if detail and not reason and detail not in notes:
            notes.append(detail.replace("|", "\\|"))
    cells = [text_of(short), text_of(whole)]
    if reason and short.get("status") not in ("equal", "differs", "no run"):
        cells = ["no run" if reason == NO_RUN else "not possible"] * 2
    return f"| {name} | {runs} | {' | '.join(cells)} | {'; '.join(notes)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, help="Brian2's folder of examples")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--engram", default=os.environ.get("ENGRAM_CLI")
                        or str(ROOT / "build" / "bin" / "engram"))
    parser.add_argument("--whole", action="store_true", help="as published, nothing cut short")
    parser.add_argument("--again", nargs="*", default=[], metavar="STATUS",
                        help="do those anew whose outcome is one of these")
    parser.add_argument("--timeout", type=float, default=420, help="seconds for one example")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin none after that")
    parser.add_argument("--table", type=Path, help="write the table of outcomes, run nothing")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.work = args.work.resolve()
    args.work.mkdir(parents=True, exist_ok=True)
    outcomes = Outcomes(args.work)
    if args.table:
        args.table.write_text(table(outcomes), encoding="utf-8")
        return 0
    if args.examples is None:
        parser.error("--examples is wanted")
    names, tier = census(), "whole" if args.whole else "short"
    stop = time.monotonic() + 60 * args.minutes
    failed = 0
    for name in args.names or names:
        before = outcomes.get(name, tier).get("status")
        if before is None or before in args.again or args.names:
            if time.monotonic() > stop:
                break
            started = time.monotonic()
            outcome = try_example(name, tier, args)
            outcomes.put(name, tier, outcome)
            print(f"{name}: {outcome['status']} {outcome.get('detail', '')} "
                  f"({time.monotonic() - started:.0f} s)", flush=True)
        failed += not names[name] and outcomes.get(name, tier)["status"] not in GOOD
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
