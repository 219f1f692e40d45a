#!/usr/bin/env python
"""Brian2's own tests, those inside the installed package, against a device.

    python tests/conform/brian2_suite.py --import brian2engram --device engram --target numpy
    python tests/conform/brian2_suite.py ... --stages runtime independent
    python tests/conform/brian2_suite.py ... --option fallback=True --expect known.txt

Each stage is one pytest session in a process of its own:

    single, multiple  tests for every device, of one and of several runs
    specific          tests marked with the device's name
    runtime           everything that Brian2 runs with its runtime device
    rest              what that is beyond single and multiple
    independent       tests that Brian2 runs once, for no device in particular

Into --out go one <stage>.jsonl a stage (a test a line: id, outcome, seconds, message,
fallbacks), failed.txt, unsupported.txt, skipped.txt and summary.json. A NotImplementedError
makes a test `unsupported`. Exit status 0 if every test that failed or was not supported is
in --expect (test ids, one a line, text behind '#' is a reason) and, with --strict-expect,
nothing in it passes. With --fallbacks, exactly those of --expect fell back, and none failed: then
all others would pass with fallback=False, too, since a run that is not refused does not ask.

The file is also the pytest plugin of each session and of the processes that it starts, to
which a device that Brian2 does not ship would be unknown.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1] / "converters" / "brian2engram"
IMPORTS = "BRIAN2_SUITE_IMPORT"
RESULTS = "BRIAN2_SUITE_RESULTS"

#: stage -> marker expression, options of set_device that brian2.tests adds
STAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "single": ("standalone_compatible and not multiple_runs",
               {"directory": None, "with_output": False}),
    "multiple": ("standalone_compatible and multiple_runs",
                 {"directory": None, "with_output": False, "build_on_run": False}),
    "specific": ("{device}", {"directory": None, "with_output": False}),
    "runtime": ("not standalone_only and not codegen_independent", {}),
    "rest": ("not standalone_only and not codegen_independent "
             "and not standalone_compatible", {}),
    "independent": ("codegen_independent", {}),
}

# ---- the plugin -------------------------------------------------------------------------

if __name__ != "__main__":
    for module in filter(None, os.environ.get(IMPORTS, "").split(",")):
        import_module(module)

_open_records: dict[str, dict[str, Any]] = {}
_fallbacks: dict[str, int] = {}


def _count_fallbacks() -> int:
    from brian2.devices.device import all_devices

    return sum(getattr(device, "fallbacks", 0) for device in all_devices.values())


def pytest_runtest_setup(item: Any) -> None:
    """Note how often a device has fallen back so far."""
    _fallbacks[item.nodeid] = _count_fallbacks()


def pytest_runtest_teardown(item: Any) -> None:
    """How often it did in this test."""
    before = _fallbacks.pop(item.nodeid, 0)
    item.user_properties.append(("fallbacks", _count_fallbacks() - before))


def _message(report: Any) -> str:
    text = report.longrepr
    if isinstance(text, tuple):
        return str(text[2])
    crash = getattr(text, "reprcrash", None)
    return crash.message if crash is not None else str(text or "")


def pytest_runtest_logreport(report: Any) -> None:
    """Gather the phases of a test; in the process that drives the others."""
    if not os.environ.get(RESULTS) or os.environ.get("PYTEST_XDIST_WORKER"):
        return
    record = _open_records.setdefault(report.nodeid, {
        "id": report.nodeid, "outcome": "passed", "seconds": 0.0, "message": "",
        "fallbacks": 0})
    record["seconds"] = round(record["seconds"] + getattr(report, "duration", 0.0), 3)
    record["fallbacks"] = dict(getattr(report, "user_properties", ())).get("fallbacks", 0)
    if report.outcome != "passed" and record["outcome"] == "passed":
        message = _message(report)
        unsupported = report.outcome == "skipped" and (
            "NotImplementedError" in message or "UnsupportedError" in message)
        record.update(outcome="unsupported" if unsupported else report.outcome,
                      message=message[:2000])
        if hasattr(report, "wasxfail"):
            record["outcome"] = "xfailed"
    if report.when not in ("setup", "call"):
        _write_record(report.nodeid)


def pytest_sessionfinish() -> None:
    """Tests whose process died have no teardown."""
    if os.environ.get(RESULTS) and not os.environ.get("PYTEST_XDIST_WORKER"):
        for nodeid in list(_open_records):
            _write_record(nodeid)


def _write_record(nodeid: str) -> None:
    with open(os.environ[RESULTS], "a") as file:
        file.write(json.dumps(_open_records.pop(nodeid)) + "\n")


# ---- one stage, in a process of its own -------------------------------------------------


def _prepare(spec: dict[str, Any]) -> Any:
    """As brian2.tests.run does; the plugin that sets the device before each test."""
    import copy

    import brian2.tests
    import brian2.units.fundamentalunits as fundamentalunits
    from brian2.core.preferences import prefs
    from brian2.devices.device import all_devices
    from brian2.utils.logger import LOG_LEVELS, BrianLogger

    for module in spec["imports"]:
        import_module(module)
    if spec["device"] not in all_devices:
        sys.exit(f"unknown device {spec['device']!r}, there are {', '.join(all_devices)}")
    prefs.reset_to_defaults()
    fundamentalunits.user_unit_register = copy.copy(fundamentalunits.UnitRegistry())
    BrianLogger.console_handler.setLevel(LOG_LEVELS["WARNING"])
    prefs["codegen.cpp.extra_compile_args_gcc"].extend(["-w", "-O0"])
    if spec["target"]:
        prefs["codegen.target"] = spec["target"]
    if "logging.warn_for_unused_objects" in prefs:  # from Brian2 2.10 on
        prefs["logging.warn_for_unused_objects"] = False
    for name, value in spec["prefs"].items():
        prefs[name] = value
    plugin = brian2.tests.PreferencePlugin(prefs, fail_for_not_implemented=False)
    plugin.device = spec["device"]
    plugin.device_options = spec["options"]
    return plugin


def run_stage(spec: dict[str, Any]) -> None:
    """One pytest session; leaves the process without asking anybody."""
    import brian2
    import brian2.tests
    import pytest

    plugin = _prepare(spec)
    package = os.path.dirname(os.path.abspath(brian2.__file__))
    arguments = [
        package, "-c", os.path.join(os.path.dirname(brian2.tests.__file__), "pytest.ini"),
        "--confcutdir", package, "-m", spec["markers"], "-p", "brian2_suite",
        "-p", "no:cacheprovider", "--timeout", str(spec["timeout"]),
        "--timeout-method", "thread", "-q", "--tb=short", "-rN", "--disable-warnings"]
    if spec["processes"]:
        arguments += ["-n", str(spec["processes"]), "--max-worker-restart", "1000"]
    if spec["select"]:
        arguments += ["-k", spec["select"]]
    status = pytest.main(arguments + spec["pytest"], plugins=[plugin])
    sys.stdout.flush()
    os._exit(int(status))


# ---- all stages -------------------------------------------------------------------------


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", required=True)
    parser.add_argument("--import", dest="imports", action="append", default=[],
                        help="module that registers the device")
    parser.add_argument("--stages", nargs="+", default=["single", "multiple"],
                        choices=list(STAGES))
    parser.add_argument("--long", action="store_true", help="also tests marked long")
    parser.add_argument("--gsl", action="store_true", help="also tests marked gsl")
    parser.add_argument("--target", default="", help="codegen.target: numpy, cython")
    parser.add_argument("--pref", action="append", default=[], help="name=literal")
    parser.add_argument("--option", action="append", default=[],
                        help="name=literal, for set_device")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one test")
    parser.add_argument("-n", dest="processes", type=int, default=2, help="0: no others")
    parser.add_argument("-k", dest="select", default="", help="as of pytest")
    parser.add_argument("--out", default="brian2_suite_out")
    parser.add_argument("--expect", default="")
    parser.add_argument("--strict-expect", action="store_true")
    parser.add_argument("--fallbacks", action="store_true",
                        help="the tests that fell back are those of --expect, and pass")
    parser.add_argument("--counts", nargs="+", default=[], metavar="OUTCOME=N",
                        help="as many tests as this, and none of other outcomes")
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[])
    return parser.parse_args()


def literals(items: list[str]) -> dict[str, Any]:
    """name=literal -> dict; what is no literal is a text."""
    found: dict[str, Any] = {}
    for item in items:
        name, value = item.split("=", 1)
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def call_stage(stage: str, asked: argparse.Namespace) -> tuple[int, list[dict[str, Any]]]:
    """(exit status of pytest, a record for each test)."""
    marker, options = STAGES[stage]
    marker = marker.format(device=asked.device)
    marker += "" if asked.long else " and not long"
    marker += "" if asked.gsl else " and not gsl"
    results = Path(asked.out).resolve() / f"{stage}.jsonl"
    results.unlink(missing_ok=True)
    spec = {"imports": asked.imports, "device": asked.device, "target": asked.target,
            "prefs": literals(asked.pref), "options": {**options, **literals(asked.option)},
            "markers": marker, "processes": asked.processes, "select": asked.select,
            "timeout": asked.timeout, "pytest": asked.pytest}
    path = [str(HERE), str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, IMPORTS: ",".join(asked.imports), RESULTS: str(results),
                   "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.setdefault("MPLBACKEND", "Agg")
    status = subprocess.call([sys.executable, __file__, "--stage", json.dumps(spec)],
                             env=environment)
    if not results.exists():
        return status, []
    return status, [json.loads(line) for line in results.read_text().splitlines()]


def expected(path: str) -> set[str]:
    """Test ids of a list."""
    lines = Path(path).read_text().splitlines() if path else []
    return {line.split("#")[0].strip() for line in lines} - {""}


def judge(asked: argparse.Namespace, results: dict[str, dict[str, Any]]) -> list[str]:
    """What is not as it should be."""
    wanted = expected(asked.expect) & set(results)
    bad = {name for name, record in results.items()
           if record["outcome"] in ("failed", "unsupported")}
    if asked.fallbacks:
        fell = {name for name, record in results.items() if record["fallbacks"]}
        return ([f"does not pass: {name}" for name in sorted(bad)]
                + [f"fell back: {name}" for name in sorted(fell - wanted)]
                + [f"did not fall back: {name}" for name in sorted(wanted - fell)])
    found = [f"unexpected: {name}" for name in sorted(bad - wanted)]
    if asked.strict_expect:
        found += [f"expected to fail, and passes: {name}"
                  for name in sorted(wanted - bad)]
    return found


def main() -> int:
    asked = parse_arguments()
    out = Path(asked.out)
    out.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, Any]] = {}
    summary: dict[str, Any] = {}
    total: Counter[str] = Counter()
    broken = False
    for stage in asked.stages:
        start = time.time()
        status, records = call_stage(stage, asked)
        counts = Counter(record["outcome"] for record in records)
        total += counts
        results.update({record["id"]: record for record in records})
        broken |= status not in (0, 1, 5)
        summary[stage] = {"count": dict(counts), "seconds": round(time.time() - start, 1)}
        text = ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "no tests"
        print(f"== stage {stage}: {text} in {time.time() - start:.0f} s", flush=True)
    for outcome in ("failed", "unsupported", "skipped"):
        lines = [f"{record['id']}  # {' '.join(record['message'].split())[:160]}\n"
                 for _, record in sorted(results.items()) if record["outcome"] == outcome]
        (out / f"{outcome}.txt").write_text("".join(lines))
    findings = judge(asked, results)
    if asked.counts and literals(asked.counts) != dict(total):
        findings.append(f"expected {' '.join(asked.counts)}")
    fallbacks = sum(record["fallbacks"] for record in results.values())
    summary.update(total=dict(total), fallbacks=fallbacks, findings=findings)
    (out / "summary.json").write_text(json.dumps(summary, indent=1))
    print("== total: " + ", ".join(f"{n} {name}" for name, n in sorted(total.items()))
          + f", {fallbacks} fallbacks")
    for finding in findings:
        print(f"   {finding}")
    return int(broken or bool(findings))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--stage":
        run_stage(json.loads(sys.argv[2]))
    sys.exit(main())
