"""Brian2 networks as files: take them from scripts, run them without Python, look at results.

  python -m brian2engram capture cuba.py -o cuba.h5       the network at the script's run()s
  python -m brian2engram run cuba.h5 --out results.h5     run it
  python -m brian2engram plot results.h5                  look at what came out

convert, run and inspect are those of the engram command, which the package carries: options,
output and exit status are its own (`python -m brian2engram run --help`).

exit status of capture, pack and plot: 0 done; 1 the script failed, a file could not be read
or written, or a part is missing; 2 wrong usage; 3 the network holds what cannot be carried;
4 the script made no such call of run().

environment: ENGRAM_LIBRARY and ENGRAM_CLI, paths of libengram and of the engram command, in
place of those that the package carries or that are found in a build tree or installed.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import Any

from brian2 import BrianLogger, ms

from . import __version__, _kind_of, exporter, library, pack
from .errors import EngramError, EngramWarning, UnsupportedError
from .recording import Recording
from .script import ScriptError, Stop, device_kept, execute, intercepted, run_calls

OK, FAILED, USAGE, UNSUPPORTED, NO_RUN = range(5)


class Usage(EngramError):
    """An option or argument is wrong."""


class NoRun(EngramError):
    """The script ended before the call of run() that was asked for."""


#: commands of `engram`, handed over as they are
HANDED_OVER = {"convert": "a document (.mpk) into an archive (.h5), and back",
               "run": "run a document or an archive; --out RESULTS keeps what came out",
               "inspect": "say what is in a document or an archive"}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m brian2engram", description=__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"brian2engram {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "capture", help="record the runs of a script",
        description="Run an ordinary Brian2 script and record every call of run(): the network, "
        "and what the script says and changes before the next.")
    _add_script(command)
    command.add_argument("--run", type=int, metavar="K",
                         help="only the K-th call of run(); Brian2 executes those before it. "
                         "With --exporter: the last run recorded")
    command.add_argument("--all", action="store_true",
                         help="let the script run to its end; without, it is stopped at its "
                         "last run() if its text shows which that is")
    command.add_argument("--exporter", action="store_true",
                         help="the same as the command pack")
    command = commands.add_parser(
        "pack", help="the rules of a script, by brian2tools' exporter",
        description="Run a script under brian2tools' exporter device, which simulates nothing, "
        "and pack the rules it recorded (all runs) instead of a live network.")
    _add_script(command)
    command.add_argument("--run", type=int, metavar="K", help="the last run recorded")
    command.set_defaults(all=False, exporter=True)
    for name, what in HANDED_OVER.items():
        commands.add_parser(name, help=what, add_help=False)
    command = commands.add_parser(
        "plot", help="draw what a results file holds",
        description="Draw monitors and synapses of a results file (engram run --out), one below "
        "the other: spikes as a raster, or with --bin as a rate, rates and traces over time, "
        "synapses as the matrix of their connections. Needs matplotlib and h5py: "
        "pip install 'brian2engram[plot]'.")
    command.add_argument("results", help="a results file (.h5, or .h5.partial while it grows)")
    command.add_argument("names", nargs="*", metavar="NAME",
                         help="of a monitor or of synapses (default: all monitors)")
    command.add_argument("-o", "--output", metavar="FILE",
                         help="picture to write (.png, .svg, .pdf); default: show a window")
    command.add_argument("--bin", type=float, metavar="MS",
                         help="spikes as a rate in bins of so many milliseconds")
    command.add_argument("--variable", metavar="V",
                         help="what to draw of state monitors and synapses")
    command.set_defaults(call=_plot)
    return top


def _add_script(command: argparse.ArgumentParser) -> None:
    """What capture and pack have in common."""
    command.add_argument("script", help="a Brian2 script")
    command.add_argument("-o", "--output", required=True, metavar="FILE",
                         help="document (.mpk) or archive (.h5) to write")
    command.add_argument("--title", default="", help="for the provenance")
    command.add_argument("--author", action="append", default=[],
                         help="may be given repeatedly")
    command.add_argument("--doi", default="")
    command.add_argument("--licence", default="")
    command.add_argument("--on-loss", choices=("error", "warn"), default="error",
                         help="what to do with what can be left out (default: error)")
    command.usage = f"{command.format_usage()[7:].rstrip()} [-- ARGUMENT ...]"
    command.epilog = "What follows -- are arguments of the script."
    command.set_defaults(call=_from_script)


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status, errors are one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in HANDED_OVER:
        return hand_over(words)
    cut = words.index("--") if "--" in words else len(words)
    options = parser().parse_args(words[:cut])
    options.arguments = words[cut + 1:]
    plain = warnings.showwarning

    def show(message: Any, category: Any, *rest: Any, **keywords: Any) -> None:
        if issubclass(category, EngramWarning):
            _say(f"warning: {message}")
        else:
            plain(message, category, *rest, **keywords)

    warnings.showwarning = show
    try:
        options.call(options)
    except Usage as error:
        return _fail(USAGE, error)
    except UnsupportedError as error:
        return _fail(UNSUPPORTED, error)
    except NoRun as error:
        return _fail(NO_RUN, error)
    except EngramError as error:
        return _fail(FAILED, error)
    except OSError as error:
        return _fail(FAILED, f"{error.filename or options.output}: {error.strerror or error}")
    return OK


def hand_over(words: list[str]) -> int:
    """Become the engram command, so that signals and exit status are its own; returns only if
    there is none."""
    try:
        path = library.command()
        sys.stdout.flush()
        os.execv(path, [path, *words])
    except (EngramError, OSError) as error:
        return _fail(FAILED, error)


def _from_script(options: argparse.Namespace) -> None:
    """capture and pack: run the script, write what was found."""
    if options.run is not None and options.run < 1:
        raise Usage(f"--run {options.run}: runs are counted from 1")
    if options.all and (options.exporter or options.run):
        raise Usage("--all takes neither --run nor --exporter")
    try:
        _kind_of(options.output)
    except ValueError as error:
        raise Usage(str(error)) from None
    if not os.path.isfile(options.script):
        raise FileNotFoundError(2, os.strerror(2), options.script)
    options.target = os.path.abspath(options.output)  # the script may change the folder
    options.script_file = os.path.abspath(options.script)
    with device_kept(lambda text: _say(f"warning: {text}")):
        if options.exporter:
            _export(options)
        else:
            _record(options)


def _plot(options: argparse.Namespace) -> None:
    """plot: draw, and write the picture or show it."""
    from . import plot
    from .results import Results

    if options.bin is not None and not options.bin > 0:
        raise Usage(f"--bin {options.bin:g}: expected more than 0 ms")
    with Results(options.results) as results:
        names = options.names or list(results)
        figure = plot.overview(results, names, variable=options.variable,
                               bin=None if options.bin is None else options.bin * ms)
    if options.output is None:
        plot.show()
    else:
        plot.save(figure, options.output)
        print(f"{options.output}: {', '.join(names)}")


def _provenance(options: argparse.Namespace) -> dict[str, Any]:
    return {"title": options.title, "authors": options.author, "doi": options.doi,
            "licence": options.licence, "script": options.script_file}


def _record(options: argparse.Namespace) -> None:
    """Record every run(), or the one that was asked for.

    The script is stopped at the last run() where its text tells which one that is: nothing
    that a document holds comes after it.
    """
    calls = run_calls(options.script)
    first = options.run or 1
    last = options.run or (None if options.all else calls or None)
    made = Recording(first, last, on_loss=options.on_loss, **_provenance(options))
    stopped, failure = False, None
    with made.watching():
        try:
            stopped = execute(options.script, options.arguments)
        except ScriptError as error:
            if last is not None or not made.runs:
                raise
            failure = error
    if not made.documents:
        raise NoRun(f"{options.script}: {made.calls} calls of run(), expected at least {first}")
    if stopped:
        BrianLogger.suppress_name("unused_brian_object")  # they were used: recorded
    written = made.write(options.target)
    said = "1 run recorded" if made.runs == 1 else f"{made.runs} runs recorded"
    if len(written) > 1:
        said += f", in {len(written)} files up to {os.path.basename(written[-1])}: the script " \
            "began anew in between"
    if stopped:
        said += f"; the script was stopped at call {made.calls} of run()"
    print(f"{options.output}: {said}")
    if failure is not None:
        _say(f"warning: the script ended after {made.runs} runs: {' '.join(str(failure).split())}")
    if options.run and (calls is None or calls > options.run):
        more = "may call run() again" if calls is None else f"calls run() {calls} times"
        _say(f"warning: {options.script} {more}; only call {options.run} is carried, "
             "as --run asks")


def _export(options: argparse.Namespace) -> None:
    """Let the exporter device record the script, then pack its runs.

    Nothing is simulated, so whatever the script does with results is meaningless: it is
    stopped after its last run() where its text tells which one that is.
    """
    last = options.run or run_calls(options.script)
    device = exporter.activate()

    def at_run(network: Any, length: float, namespace: dict[str, Any], number: int,
               go_on: Any) -> None:
        exporter.judge(network)
        go_on()
        exporter.complete(device.runs[-1], network, namespace)
        if number == last:
            raise Stop

    with intercepted(at_run):
        try:
            execute(options.script, options.arguments)
        except ScriptError as error:
            if not device.runs or last is not None:
                raise
            _say(f"warning: the script ended after {len(device.runs)} runs: {error}")
    if not device.runs:
        raise NoRun(f"{options.script}: no call of run()")
    pack(device.runs, options.target, on_loss=options.on_loss, **_provenance(options))
    print(f"{options.output}: {len(device.runs)} run(s) recorded by the exporter device")


def _say(text: str) -> None:
    print(f"brian2engram: {text}", file=sys.stderr)


def _fail(status: int, error: object) -> int:
    _say(" ".join(str(error).split()))
    return status


if __name__ == "__main__":
    sys.exit(main())
