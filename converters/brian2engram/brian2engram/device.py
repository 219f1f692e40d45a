"""``set_device('engram')``: Brian2 scripts run by libengram, unchanged.

    import brian2engram
    set_device('engram')

Everything but ``run`` and ``connect`` is Brian2's runtime: objects, initial values, monitors.
A run is prepared by Brian2 itself, described in memory, and executed by the engine in
Brian2's own arrays, so that the next line of the script sees what it would have seen.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from brian2.core.base import BrianObject, BrianObjectException
from brian2.core.namespace import get_local_namespace
from brian2.core.network import Network, TextReport
from brian2.core.variables import VariableView
from brian2.devices.device import RuntimeDevice, all_devices, runtime_device
from brian2.groups.group import Group
from brian2.synapses.synapses import Synapses
from brian2.units import check_units, second
from brian2.utils.logger import get_logger

from . import device_around, device_connect
from . import device_engine as engine
from .capture import seconds
from .device_again import Memory, same_code
from .device_capture import describe, recording
from .device_functions import Given
from .device_random import Exchange, bring_random
from .device_results import Records, bring_queues, records_of
from .device_sweep import Sweep
from .errors import Loss, LossReport, UnsupportedError
from .lines import with_lines
from .recorder import is_called, refuse_before_run
from .steps import Steps

logger = get_logger("brian2.devices.engram")  # so that Brian2 shows it

CHUNK = 0.05  #: seconds of wall time between two looks at reports, limits and signals
MATH = {"fast": engine.FAST, "strict": engine.STRICT}
RNG = (None, "brian-runtime", "brian-standalone", "philox")
#: what set_device gives to code-generating devices, of no meaning here
IGNORED = ("directory", "with_output", "profile")


class EngramDevice(RuntimeDevice):
    """Brian2's runtime device, but for runs.

    Options of ``set_device('engram', ...)``:

    math: 'fast' (vector mathematics) or 'strict' (statement by statement, libm).
    threads: 1 to 64; results do not depend on it.
    rng: None or 'brian-runtime' (Brian2's streams, in Cython's order of drawing),
        'brian-standalone' (one stream, as in the programs that cpp_standalone builds), 'philox'.
    fallback: whether Brian2's own runtime runs what the engine refuses.
    archive: path of an archive (.h5) or document (.mpk) that holds all runs from here on: rules,
        code, state. It is written beside and renamed behind each of them; what run k recorded
        is in a results file `<archive without ending>-results-<k>.h5`.
    """

    def __init__(self) -> None:
        super().__init__()
        # Cython's rand and randn read the buffers of the runtime device, whatever is active
        self.rand_buffer = runtime_device.rand_buffer
        self.randn_buffer = runtime_device.randn_buffer
        self.rand_buffer_index = runtime_device.rand_buffer_index
        self.randn_buffer_index = runtime_device.randn_buffer_index
        self.fallbacks = 0  #: runs that Brian2's runtime did instead
        self.runs = 0  #: runs that the engine did
        self._options: dict[str, Any] = {}
        self._seeded = False
        self.sweep = Sweep(wanted=False)  #: the script's run(), for device.run()
        self._running = False
        self.memory = Memory()  #: descriptions of networks that ran
        self._instances = -1
        self._recording: Any = None  #: of the runs since set_device, if there is an archive
        self.steps = Steps(paused=True)  #: what the script does, for the archive

    def activate(self, build_on_run: bool = True, *, math: str = "fast", threads: int = 1,
                 rng: str | None = None, fallback: bool = False,
                 archive: str | os.PathLike[str] | None = None, **kwargs: Any) -> None:
        """Called by set_device; ValueError or TypeError for options that are not known."""
        if archive is not None:
            from . import _kind_of

            _kind_of(archive)
        if math not in MATH:
            raise ValueError(f"math is {math!r}, expected 'fast' or 'strict'")
        if not isinstance(threads, int) or not 1 <= threads <= 64:
            raise ValueError(f"threads is {threads!r}, expected 1 to 64")
        if rng not in RNG:
            raise ValueError(f"rng is {rng!r}, expected one of {RNG}")
        unknown = set(kwargs) - set(IGNORED)
        if unknown:
            raise TypeError(f"set_device('engram') has no option {min(unknown)!r}")
        options = {"math": math, "threads": threads, "rng": rng, "fallback": fallback,
                   "archive": archive}
        super().activate(build_on_run=build_on_run, **options, **kwargs)
        self._options = options
        device_around.install()
        self._recording = None
        self.steps = Steps(paused=archive is None)
        self.sweep = Sweep(wanted=not build_on_run)

    @property
    def rng_rule(self) -> str:
        """How the streams of numpy's generator are drawn from, as documents say it."""
        rule = self._options.get("rng")
        return rule if rule == "brian-standalone" else "brian-runtime"

    def build(self, *_: Any, run: bool = True, run_args: Any = None, **__: Any) -> None:
        """Nothing to build: accepted for scripts that were written for code generation."""
        if run and run_args:
            self.run(run_args=run_args)

    def run(self, *_: Any, run_args: Any = None, **__: Any) -> None:
        """The script's run() once more, from the state in front of it, with the values of
        `run_args` assigned; folders of Brian2's standalone device are accepted."""
        self.sweep.run(run_args, seeded=self._seeded)

    def apply_run_args(self) -> None:
        """Not possible: the script has computed with its own values by then."""
        raise NotImplementedError(
            "device.apply_run_args(): the values of device.run(run_args=...) are assigned in "
            "front of run(); what the script computes from them before that keeps its values")

    def reinit(self) -> None:
        """Back to the beginning: nothing is known of earlier networks."""
        super().reinit()
        self.memory.clear()
        self.sweep = Sweep(self.sweep.wanted)
        self._seeded = False
        self._running = False

    def collect(self, network: Network, namespace: dict[str, Any], known: bool) -> None:
        """Brian2 looks for garbage in front of each run, to warn of objects that were never
        used; here only if there can be new ones."""
        instances = BrianObject.__instances__()
        if known and len(instances) == self._instances:
            return
        if device_around.has_garbage(network, namespace):
            gc.collect()
        self._instances = len(instances)

    def resize(self, var: Any, new_size: Any) -> None:
        """As in the runtime device; synapses must stay where they are while a run goes on."""
        self._refuse_resize(var)
        super().resize(var, new_size)

    def _refuse_resize(self, var: Any) -> None:
        if self._running and hasattr(var.owner, "_synaptic_pre"):
            raise NotImplementedError(f"{var.owner.name}: synapses cannot be made or removed "
                                      "while a run goes on")

    def synapses_connect(self, synapses: Synapses, condition: Any = None, i: Any = None,
                         j: Any = None, p: Any = 1.0, n: Any = 1,
                         skip_if_invalid: bool = False, namespace: Any = None,
                         level: int = 0) -> None:
        """Synapses.connect: where Brian2 would compile it, the engine makes the synapses."""
        if namespace is None:
            namespace = get_local_namespace(level=level + 2)
        self.steps.connect(self._connect, synapses, condition, i, j, p, n, skip_if_invalid,
                           namespace)

    def _connect(self, synapses: Synapses, condition: Any, i: Any, j: Any, p: Any, n: Any,
                 skip_if_invalid: bool, namespace: Any) -> None:
        original = Synapses.connect.original_function
        arguments = {"condition": condition, "i": i, "j": j, "p": p, "n": n,
                     "skip_if_invalid": skip_if_invalid, "namespace": namespace}
        if device_connect.is_compiled():
            try:
                with device_connect.connecting(self):
                    original(synapses, **arguments)
                return
            except device_connect.Elsewhere as reason:
                logger.debug(f"Brian2 itself connects {synapses.name}: {reason}", "connect")
        original(synapses, **arguments)

    def variableview_set_with_expression(self, view: Any, *arguments: Any,
                                         **keywords: Any) -> None:
        """VariableView.set_with_expression."""
        self.steps.set_with_expression(VariableView.set_with_expression.original_function,
                                       view, *arguments, **keywords)

    def variableview_set_with_expression_conditional(self, view: Any, *arguments: Any,
                                                     **keywords: Any) -> None:
        """VariableView.set_with_expression_conditional."""
        self.steps.set_with_expression_conditional(
            VariableView.set_with_expression_conditional.original_function,
            view, *arguments, **keywords)

    def variableview_set_with_index_array(self, view: Any, *arguments: Any,
                                          **keywords: Any) -> None:
        """VariableView.set_with_index_array."""
        self.steps.set_with_index_array(VariableView.set_with_index_array.original_function,
                                        view, *arguments, **keywords)

    def seed(self, seed: int | None = None) -> None:
        """As in the runtime device."""
        self.steps.seed(super().seed, seed)
        self._seeded = seed is not None

    def network_run(self, network: Network, duration: Any, report: Any = None,
                    report_period: Any = 10 * second, namespace: Any = None,
                    profile: Any = None, level: int = 0) -> None:
        """Network.run."""
        if namespace is None:
            namespace = get_local_namespace(level=level + 2)

        def go() -> None:
            if self._options["archive"] is None:
                run(self, network, duration, report, report_period, namespace, profile)
            else:
                self._record(network, duration, report, report_period, namespace, profile)

        self.sweep.at_run(network, go)
        go()

    def _record(self, network: Network, duration: Any, report: Any, report_period: Any,
                namespace: dict[str, Any], profile: Any) -> None:
        """A run that becomes a part of the archive."""
        from .recording import Recording

        if self._recording is None:
            self._recording = Recording(steps=self.steps, script=namespace.get("__file__"),
                                        on_loss="warn")
        path, number = self._options["archive"], self._recording.runs + 1
        if self._options["rng"] == "philox":
            logger.warn(f"{path}: rng='philox' draws with a seed of its own in each run, which a "
                        "file does not hold: `engram run` of it draws as Brian2's Cython code "
                        "does. The results files are those of this run", "archive_random",
                        once=True)
        results = f"{os.path.splitext(os.fspath(path))[0]}-results-{number}.h5"
        self._recording.at_run(
            network, seconds(duration), dict(namespace), number,
            lambda: run(self, network, duration, report, report_period, namespace, profile,
                        results))
        self._recording.write(path, last=True)


@check_units(duration=second, report_period=second)
def run(device: EngramDevice, network: Network, duration: Any, report: Any, report_period: Any,
        namespace: dict[str, Any], profile: bool | None, results: str | None = None) -> None:
    """Network.run, with the engine for the loop over time; `results`: file to write."""
    if duration < 0:
        raise ValueError(
            f"Function 'run' expected a non-negative duration but got '{duration}'")
    if profile is None:
        profile = device.build_options.get("profile", False)
    options = device._options
    try:
        _Run(device, network, duration, report, float(report_period), namespace,
             bool(profile), results).go()
    except _Refused as refused:
        if not options["fallback"]:
            raise refused.error from None
        device.fallbacks += 1
        logger.warn(f"Engram refuses this network, Brian2's own runtime runs it: "
                    f"{refused.error}", "fallback")
        _forget_stand_ins(network)
        Network.run.original_function(network, duration, report=report,
                                      report_period=report_period, namespace=namespace,
                                      profile=profile)


class _Refused(Exception):
    """The engine does not carry the network; nothing has run."""

    def __init__(self, error: UnsupportedError) -> None:
        super().__init__(str(error))
        self.error = error


def _loss_of(error: engine.EngineError) -> Loss | None:
    """What the engine refuses, as a loss; None if it is something else.

    Units in the body of a function are not judged before: Brian2 calls it without them where
    its implementation discards units.
    """
    if error.code == engine.E_UNSUPPORTED:
        name, _, reason = str(error).partition(": ")
        return Loss(name, "its code", reason)
    body = re.search(r"/network/functions/(\w+)/body: (.*)", str(error), re.DOTALL)
    if error.code == engine.E_DIMENSION and body:
        return Loss(body.group(1), "the units in its body", body.group(2))
    return None


def _forget_stand_ins(network: Network) -> None:
    """Let Brian2 make again what it would keep from the last run."""
    for obj in network.sorted_objects:
        if hasattr(obj, "_pushspikes_codeobj"):
            obj._pushspikes_codeobj = None


class _Interrupts:
    """Ctrl-C while the engine is asked: noted, and raised where everything is as it should be.

    Python's own handler would raise wherever Python is entered again, which may be in front
    of a callback's first line. Handlers of the script's own are left alone.
    """

    def __init__(self) -> None:
        self.asked = False
        self.in_script = False  #: code of the script's runs and is interrupted at once
        self._installed = False

    def __enter__(self) -> _Interrupts:
        if threading.current_thread() is threading.main_thread() \
                and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _note(self, *_: object) -> None:
        if self.in_script:
            raise KeyboardInterrupt
        self.asked = True

    def check(self) -> None:
        """Raise what was noted."""
        if self.asked:
            self.asked = False
            raise KeyboardInterrupt


class _Run:
    """One call of run()."""

    def __init__(self, device: EngramDevice, network: Network, duration: Any, report: Any,
                 report_period: float, namespace: dict[str, Any], profile: bool,
                 results: str | None) -> None:
        self.device, self.network, self.duration = device, network, duration
        self.report, self.report_period = report, report_period
        self.namespace, self.profile, self.results = namespace, profile, results
        self.callback: Callable[..., Any] | None = None
        self.objects: list[BrianObject] = []
        self.operations: dict[str, BrianObject] = {}
        self.given: list[Given] = []
        self.error: BaseException | None = None
        self.records: list[Records] = []
        self.interrupts = _Interrupts()
        self.random: AbstractContextManager[None] = nullcontext()  #: around Python code

    def go(self) -> None:
        """Prepare, run, take everything back."""
        network, device = self.network, self.device
        self.objects = list(network.sorted_objects)
        network._clocks = {obj.clock for obj in self.objects}
        clocks = sorted(network._clocks, key=lambda clock: clock.name)
        description = device.memory.recall(network, self.objects, clocks, self.namespace)
        device.collect(network, self.namespace, known=description is not None)
        losses = LossReport("error")
        refuse_before_run(self.objects, clocks, losses, live=True)
        self._settle(losses)
        self.t_start, self.t_end = network.t, network.t + self.duration
        for clock in clocks:
            clock.set_interval(self.t_start, self.t_end)
        if description is not None:
            with same_code(self.objects):
                network.before_run(self.namespace)
        else:
            _forget_stand_ins(network)
            with recording(device, losses):
                network.before_run(self.namespace)
        if not self.objects:
            return
        self._settle(losses)
        if description is None:
            description = describe(network, self.objects, clocks, self.namespace, losses)
            self._settle(losses)
            device.memory.keep(network, self.objects, clocks, self.namespace, description)
        self.operations = {obj.name: obj for obj in self.objects
                           if obj.active and is_called(obj)}
        self.given = description.given
        slow = [(given.name, given.reason) for given in self.given]
        for obj in self.operations.values():
            slow += vars(obj).get("_runs_in_python", {}).items()
        for name, reason in sorted(set(slow)):
            logger.warn(f"{name}() cannot be translated into Engram's language ({reason}): "
                        "Python computes it in each step, which is slow", "slow_function",
                        once=True)
        self.lent = description.lend()
        document = description.document(network, self.objects, clocks)
        self.simulation = self._build(document, self.lent)
        if device._options["rng"] != "philox":
            self.random = Exchange(device, self.simulation)
        try:
            with self.interrupts:
                self._execute()
        finally:
            self.simulation.free()
        self._epilogue()
        self.interrupts.check()

    def _settle(self, losses: LossReport) -> None:
        try:
            losses.settle()
        except UnsupportedError as error:
            raise _Refused(with_lines(error, self.objects)) from None

    def _build(self, document: bytes, lent: list[engine.Lent]) -> engine.Simulation:
        options = self.device._options
        seed = -1
        if options["rng"] == "philox":
            seed = int(np.random.randint(0, 2**32, dtype=np.int64))
        try:
            try:
                return self._simulation(document, lent, seed)
            except engine.EngineError as error:
                if error.code != engine.E_PROVIDER or not self.results or self._needs_hdf5():
                    raise
                logger.warn(f"Without results files, which are HDF5: {error}", "results",
                            once=True)
                self.results = None
                return self._simulation(document, lent, seed)
        except engine.EngineError as error:
            loss = _loss_of(error)
            if loss is None:
                raise
            raise _Refused(with_lines(UnsupportedError([loss]), self.objects)) from error

    def _simulation(self, document: bytes, lent: list[engine.Lent],
                    seed: int) -> engine.Simulation:
        options = self.device._options
        return engine.Simulation(
            document, lent, duration=float(self.duration), math=MATH[options["math"]],
            threads=options["threads"], rng=options["rng"], seed=seed,
            flags=engine.KEEP | (engine.PROFILE if self.profile else 0),
            results=self.results, archive=self._archive(),
            call=self._call if self.operations else None,
            functions=[(one.name, one.arguments, self._calls(one)) for one in self.given])

    def _needs_hdf5(self) -> bool:
        """Whether the archive itself is of a kind that cannot be written without."""
        return not os.fspath(self.device._options["archive"]).lower().endswith(".mpk")

    def _archive(self) -> str | None:
        """Name of the network in its results."""
        path = self.device._options["archive"]
        return None if path is None else os.path.basename(os.fspath(path))

    # ---- while it runs ------------------------------------------------------------------

    def _execute(self) -> None:
        network, device = self.network, self.device
        self.records = records_of(self.objects)
        self.start_time = time.time()
        self.callback = _report_callback(self.report)
        if self.callback is not None:
            with self.random:
                self.callback(0 * second, 0.0, self.t_start, self.duration)
        if self.callback is not None and not isinstance(self.callback, TextReport):
            self._watch_weights()
        Network._globally_running = device._running = True
        ended = False
        try:
            ended = self._advance()
        except engine.EngineError as error:
            if self.error is None:
                self.error = _own_error(error)
        except BaseException as error:
            self.error = error
        finally:
            Network._globally_running = device._running = False
        self.end_time = time.time()
        self._take_back(ended)
        if self.error is not None:
            try:
                raise self.error
            finally:
                self.error = None
        device.runs += 1

    def _advance(self) -> bool:
        """Whether the run came to its end; False if it was stopped from outside."""
        network, device = self.network, self.device
        chunk = CHUNK if self.callback is None else min(CHUNK, self.report_period)
        limit = device._maximum_run_time
        next_report = self.start_time + self.report_period
        steps, at = 1, self.simulation.at
        before = self.start_time
        while True:
            at = self.simulation.advance(steps)
            self.interrupts.check()
            now = time.time()
            if at.run_ended:
                return not at.stopped
            network.t_ = at.t
            if limit is not None and now - self.start_time > float(limit):
                network._stopped = True
            if self.callback is not None and now > next_report:
                self._take_records()
                with self.random:
                    self._in_script(self.callback, (now - self.start_time) * second,
                                    self._completed(at), self.t_start, self.duration)
                next_report = now + self.report_period
            if network._stopped or Network._globally_stopped:
                return False
            steps = _chunk(steps, now - before, chunk)
            before = time.time()

    def _watch_weights(self) -> None:
        """A function that reports may write what the engine keeps in another order."""
        synapses = {obj.name for obj in self.objects if isinstance(obj, Synapses)}
        for owner, variable, array in self.lent:
            if owner in synapses and not variable.startswith("_") and array.size > 1:
                self.simulation.watch(owner, variable)

    def _completed(self, at: engine.Progress) -> float:
        return (self.network.t_ - float(self.t_start)) / float(self.t_end - self.t_start)

    def _in_script(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call code of the script's, which Ctrl-C interrupts at once."""
        self.interrupts.in_script = True
        try:
            function(*arguments)
        finally:
            self.interrupts.in_script = False

    def _call(self, name: str, t: float) -> int:
        """An object's own Python code, where it stands in the schedule."""
        network = self.network
        network.t_ = t
        try:
            self.interrupts.check()
            self._take_records()
            with self.random:
                self._in_script(self.operations[name].run)
        except BaseException as error:
            left = "_runs_in_python" in vars(self.operations[name])
            in_code = left and isinstance(error, BrianObjectException)  # numpy code called it
            self.error = error.__cause__ if in_code and error.__cause__ else error
            return -1
        return int(network._stopped or Network._globally_stopped)

    def _calls(self, given: Given) -> Callable[..., int]:
        """What the engine calls for a function that is not translated."""

        def called(_: Any, count: int, arguments: Any, result: int) -> int:
            try:
                self.interrupts.check()
                with self.random:
                    self._in_script(given, count, arguments, result)
            except BaseException as error:
                self.error = error
                return -1
            return 0

        return called

    def _take_records(self) -> None:
        for records in self.records:
            records.take(self.simulation)

    # ---- behind it ----------------------------------------------------------------------

    def _take_back(self, ended: bool) -> None:
        if self.simulation.at.run_ended == 0 or self.results:
            self.simulation.finish()
        self._take_records()
        bring_queues(self.simulation, self.objects)
        if self.device._options["rng"] != "philox":
            bring_random(self.device, self.simulation.random())
        if ended:
            self.network.t_ = float(self.t_end)
        else:
            self.network.t_ = min(clock.variables["t"].get_value().item()
                                  for clock in self.network._clocks)
        self.spent = self.simulation.spent() if self.profile else []

    def _epilogue(self) -> None:
        network, device = self.network, self.device
        device._last_run_time = self.end_time - self.start_time
        device._last_run_completed_fraction = 1.0
        if self.duration > 0:
            device._last_run_completed_fraction = (network.t - self.t_start) / self.duration
        for obj in self.objects:
            if isinstance(obj, Group):
                obj._check_for_invalid_states()
        if self.callback is not None:
            self.callback(device._last_run_time * second, device._last_run_completed_fraction,
                          self.t_start, self.duration)
        device_around.after_run(network, self.namespace)
        network._profiling_info = None
        if self.profile:
            network._profiling_info = [(name, seconds * second)
                                       for name, seconds in self.spent]


def _chunk(steps: int, spent: float, wanted: float) -> int:
    """How many steps to ask for, when `steps` took `spent` seconds."""
    if spent <= 0:
        return steps * 4
    return max(1, min(steps * 4, int(steps * wanted / spent)))


def _own_error(error: engine.EngineError) -> Exception:
    """As Brian2's compiled code would have failed."""
    return ZeroDivisionError(str(error)) if error.code == engine.E_NUMERIC else error


def _report_callback(report: Any) -> Callable[..., Any] | None:
    if report is None:
        return None
    if report in ("text", "stdout"):
        return TextReport(sys.stdout)
    if report == "stderr":
        return TextReport(sys.stderr)
    if isinstance(report, str):
        raise ValueError(f'Do not know how to handle report argument "{report}".')
    if not callable(report):
        raise TypeError("Do not know how to handle report argument, it has to be one of "
                        "'text', 'stdout', 'stderr', or a callable function/object, but it is "
                        f"of type {type(report)}")
    return report


engram_device = EngramDevice()
all_devices["engram"] = engram_device
