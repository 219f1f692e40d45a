"""Runs a captured document in numpy, without Brian2: what is not in the document is not there.

Only `code` and `state` are read, and of `network` what they refer to (clocks, schedule, runs,
sizes, pathways, functions). Statement by statement over all elements, as Brian2's numpy
target does it, synapses one after the other, so that results can be compared bit for bit.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import numpy as np

FUNCTIONS = {
    "exp": np.exp, "sin": np.sin, "cos": np.cos, "log": np.log, "sqrt": np.sqrt,
    "tanh": np.tanh, "floor": np.floor, "ceil": np.ceil, "abs": np.abs, "sign": np.sign,
    "clip": np.clip, "pi": np.pi, "e": np.e, "inf": np.inf, "True": True, "False": False,
    "int": lambda x: np.int32(x) if np.ndim(x) == 0 else np.asarray(x).astype(np.int32),
    "timestep": lambda t, dt: np.asarray((t + 1e-3 * dt) / dt).astype(np.int64),
    "_and": np.logical_and, "_or": np.logical_or, "_not": np.logical_not,
}


class Booleans(ast.NodeTransformer):
    """and, or, not element by element."""

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        name = "_and" if isinstance(node.op, ast.And) else "_or"
        first, *rest = node.values
        for value in rest:
            first = ast.Call(ast.Name(name, ast.Load()), [first, value], [])
        return first

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return ast.Call(ast.Name("_not", ast.Load()), [node.operand], [])
        return node


def compiled(text):
    tree = ast.fix_missing_locations(Booleans().visit(ast.parse(text, mode="eval")))
    return compile(tree, text, "eval")


class Names(Mapping):
    """What names stand for while a block runs: its temporaries, then its bindings."""

    def __init__(self, replay, executable, where):
        self.replay, self.where, self.temporary = replay, where, {}
        self.bindings = {b["name"]: b for b in executable["bindings"]}
        self.count = None  #: numbers that rand() draws; None: one, as a scalar

    def __getitem__(self, name):
        if name in self.temporary:
            return self.temporary[name]
        if name in ("rand", "randn"):
            draw = getattr(np.random, name)
            return lambda: draw(1)[0] if self.count is None else draw(self.count)
        binding = self.bindings.get(name)
        if binding is None or binding["kind"] in ("output", "subexpression"):
            return FUNCTIONS[name]
        if binding["kind"] == "constant":
            if binding["dtype"] == "float32":
                return np.float32(binding["value"])
            if binding["dtype"] == "bool":
                return bool(binding.get("integer", 0))
            return binding["value"] if binding["dtype"] == "float64" else \
                binding.get("integer", 0)
        if binding["kind"] == "function":
            return self.replay.function(binding["owner"])
        array, at = self.array(binding)
        return array[at]

    def __iter__(self):
        raise NotImplementedError

    __len__ = __iter__

    def array(self, binding):
        """(array, index) of an array binding."""
        array = self.replay.arrays[binding["owner"], binding["variable"]]
        if binding["index"] == "0":
            return array, 0
        if binding["index"] == "_idx":
            return array, self.where
        index = self.bindings[binding["index"]]
        assert index["index"] in ("_idx", "0"), index
        numbers = self.replay.arrays[index["owner"], index["variable"]]
        return array, numbers[self.where if index["index"] == "_idx" else 0]


class Replay:
    """A document's network: ``run()`` makes its first run."""

    def __init__(self, document):
        self.network, state = document["network"], document["state"]
        self.arrays = {(a["owner"], a["variable"]): np.array(a["data"])
                       for a in state["arrays"]}
        self.t = state["t"]
        self.dt = {c["name"]: c["dt"] for c in self.network["clocks"] if "dt" in c}
        self.times = {c["name"]: np.append(c["times"], np.inf) for c in self.network["clocks"]
                      if "dt" not in c}
        self.tick = {}
        for clock in state["clocks"]:
            self.set_tick(clock["name"], clock["timestep"])
        slots = {f"{pre}{slot}": 3 * k + d
                 for k, slot in enumerate(self.network["schedule"])
                 for d, pre in enumerate(("before_", "", "after_"))}
        self.order = sorted((e for e in document["code"]["executables"]),
                            key=lambda e: (slots[e["when"]], e.get("order", 0), e["name"]))
        self.code = {e["name"]: [(s, compiled(s["expr"])) for s in e.get("statements", [])]
                     for e in self.order}
        self.functions = {f["name"]: f for f in self.network.get("functions", [])}
        self.inputs = {i["name"]: i for i in self.network.get("inputs", [])}
        self.sizes = {g["name"]: g["n"] for g in self.network.get("groups", [])}
        for synapses in self.network.get("synapses", []):
            self.sizes[synapses["name"]] = len(self.arrays[synapses["name"], "_synaptic_pre"])
        self.events = {}
        paths = {p["name"]: p for s in self.network.get("synapses", [])
                 for p in s.get("pathways", [])}
        self.pathways = {e["pathway"]: Pathway(e, paths[e["pathway"]], self, state)
                         for e in self.order if e["template"] == "synapses"}
        self.recorded = {e["name"]: {} for e in self.order if e["template"].endswith("monitor")}
        monitors = {m["name"]: m for m in self.network.get("monitors", [])}
        self.rows = {name: monitors[name].get("indices") for name in self.recorded}
        random = state["random"]
        np.random.set_state(("MT19937", random["words"], random["position"],
                             int(random.get("has_gauss", False)), random.get("gauss", 0.0)))

    def set_tick(self, clock, n):
        """Clocks count in whole ticks; t is one product, or one of an event clock's times."""
        self.tick[clock] = n
        if clock in self.dt:
            self.arrays[clock, "dt"] = np.array([self.dt[clock]])
        self.arrays[clock, "timestep"] = np.array([n])
        self.arrays[clock, "t"] = np.array([self.time(clock)])

    def time(self, clock):
        """Seconds at which a clock stands."""
        n = self.tick[clock]
        return n * self.dt[clock] if clock in self.dt else self.times[clock][n]

    def together(self, one, other):
        """Whether two clocks tick together."""
        apart = abs(self.time(one) - self.time(other))
        steps = [self.dt[clock] for clock in (one, other) if clock in self.dt]
        return apart / min(steps) < 1e-4 if steps else apart < 1e-14

    def run(self):
        """The first run of the document (semantics 1.4)."""
        end = self.t + self.network["runs"][0]["duration"]
        last = {}
        for clock, dt in self.dt.items():
            n = round(end / dt)
            last[clock] = n if abs(n * dt - end) / dt <= 1e-4 else int(np.ceil(end / dt))
        for clock, times in self.times.items():
            last[clock] = int(np.searchsorted(times, end))
        while True:
            first = min(self.tick, key=self.time)
            if self.tick[first] >= last[first]:
                break
            due = {clock for clock in self.tick if self.together(clock, first)}
            for executable in self.order:
                if executable["clock"] in due:
                    getattr(self, executable["template"])(executable)
            for clock in due:
                self.set_tick(clock, self.tick[clock] + 1)

    def function(self, name):
        """A TimedArray (semantics 7.4, numpy's rounding), or a PoissonInput's numbers."""
        function = self.functions[name]
        assert function["kind"] == "timedarray", function
        step, values = function["dt"], function["values"]
        count = max(int(2 ** np.ceil(np.log2(8 / self.group_dt * step))), 1)

        def row(t):
            fine = np.int_(np.round(np.asarray(t) / (step / count)))
            return np.clip(fine // count, 0, len(values) - 1)

        if function.get("ndim", 1) == 1:
            return lambda t: values[row(t)]
        return lambda t, i: values[row(t), i]

    def block(self, executable, where):
        """Execute the statements for the elements `where` (a slice or numbers)."""
        names = Names(self, executable, where)
        clock = next((b["owner"] for b in executable["bindings"] if b["name"] == "dt"),
                     executable["clock"])
        self.group_dt = self.dt.get(clock)
        for statement, code in self.code[executable["name"]]:
            names.count = None
            if statement["part"] == "vector":
                names.count = np.size(where) if not isinstance(where, slice) else where.stop
            value = eval(code, {"__builtins__": {}}, names)
            self.store(names, statement, value)
        return names

    def store(self, names, statement, value):
        """One assignment: to a temporary, or to an array behind its guard."""
        name, op = statement["variable"], statement["op"]
        binding = names.bindings.get(name, {"kind": "local"})
        if binding["kind"] != "array":
            assert op in (":=", "="), statement
            names.temporary[name] = value
            return
        array, at = names.array(binding)
        if op != "=":
            value = {"+=": np.add, "-=": np.subtract, "*=": np.multiply,
                     "/=": np.true_divide}[op](array[at], value)
        if "guard" in binding:
            value = np.where(names[binding["guard"]], value, array[at])
        array[at] = value

    def elements(self, executable):
        """All elements of the owner."""
        return slice(0, self.sizes[executable["owner"]])

    # ---- templates ----------------------------------------------------------------------

    def stateupdate(self, executable):
        source = self.inputs.get(executable["name"])
        if source is None:
            self.block(executable, self.elements(executable))
            return
        name, = (b["name"] for b in executable["bindings"] if b["kind"] == "function")
        p = source["rate"] * self.dt[executable["clock"]]
        assert not (source["n"] * p > 5 and source["n"] * (1 - p) > 5)
        numbers = np.random.binomial(source["n"], p, size=self.sizes[executable["owner"]])
        names = Names(self, executable, self.elements(executable))
        names.temporary[name] = lambda: numbers
        for statement, code in self.code[executable["name"]]:
            self.store(names, statement, eval(code, {"__builtins__": {}}, names))

    def threshold(self, executable):
        names = self.block(executable, self.elements(executable))
        owner = executable["owner"]
        fired = np.broadcast_to(names.temporary["_cond"], self.sizes[owner])
        spikes = np.flatnonzero(fired)
        self.events[owner, executable["event"]] = spikes
        if executable.get("refractory"):
            self.arrays[owner, "not_refractory"][spikes] = False
            self.arrays[owner, "lastspike"][spikes] = self.arrays[executable["clock"], "t"][0]

    def spikegenerator(self, executable):
        owner = executable["owner"]
        get = {name: self.arrays[owner, name] for name in
               ("_timebins", "_period_bins", "_lastindex", "neuron_index")}
        now, done = self.tick[executable["clock"]], get["_lastindex"][0]
        if get["_period_bins"][0] > 0:
            now %= get["_period_bins"][0]
            if done > 0 and get["_timebins"][done - 1] >= now:
                done = 0
        count = np.searchsorted(get["_timebins"][done:], now, side="right")
        get["_lastindex"][0] = done + count
        self.events[owner, "spike"] = get["neuron_index"][done:done + count]

    def heard(self, executable):
        """Events of this step that an executable hears, in its range."""
        events = self.events.get((executable["event_source"], executable["event"]),
                                 np.zeros(0, np.int32))
        start, stop = executable.get("start", 0), executable.get("stop", -1)
        return events[(events >= start) & ((events < stop) | (stop == -1))]

    def reset(self, executable):
        self.block(executable, self.heard(executable))

    def synapses(self, executable):
        for synapse in self.pathways[executable["pathway"]].due(self.heard(executable)):
            self.block(executable, synapse)

    def summed_variable(self, executable):
        names = self.block(executable, self.elements(executable))
        start, stop = executable.get("start", 0), executable.get("stop", -1)
        target = self.arrays[executable["target"], executable["target_variable"]]
        index = self.arrays[executable["owner"], executable["target_index"]]
        target[start:len(target) if stop == -1 else stop] = 0
        np.add.at(target, index, names.temporary["_synaptic_var"])

    def record(self, executable, names, count):
        """Append what a block computed as _to_record_<name>, `count` values each."""
        for name in executable.get("record", []):
            value = names.temporary[f"_to_record_{name}"]
            self.recorded[executable["name"]].setdefault(name, []).append(
                np.array(np.broadcast_to(value, count)))

    def spikemonitor(self, executable):
        heard = self.heard(executable)
        if len(heard):
            self.record(executable, self.block(executable, heard), len(heard))

    def statemonitor(self, executable):
        rows = self.rows[executable["name"]]
        self.record(executable, self.block(executable, rows), len(rows))

    def ratemonitor(self, executable):
        start, stop = executable.get("start", 0), executable.get("stop", -1)
        size = (self.sizes[executable["event_source"]] if stop == -1 else stop) - start
        rate = 1.0 * len(self.heard(executable)) / self.dt[executable["clock"]] / size
        self.recorded[executable["name"]].setdefault("rate", []).append(np.array([rate]))


class Pathway:
    """Delays of one pathway and its spikes in flight (semantics 6.5)."""

    def __init__(self, executable, path, replay, state):
        name, owner = executable["pathway"], executable["owner"]
        side = np.asarray(replay.arrays[owner, f"_synaptic_{path['prepost']}"])
        steps = (replay.arrays[name, "delay"] / replay.dt[executable["clock"]] + 0.5).astype(int)
        self.steps = np.broadcast_to(steps, side.shape)
        self.synapses_of = [np.flatnonzero(side == k) for k in range(max(side, default=-1) + 1)]
        queue, = (q for q in state["queues"] if q["name"] == name)
        longest = max([0, *self.steps.tolist(), *queue["steps"].tolist()])
        self.lists = [[] for _ in range(longest + 1)]
        for step, synapse in zip(queue["steps"], queue["synapses"]):
            self.lists[step].append(int(synapse))

    def due(self, spikes):
        """Push new events, take the list that is due, advance."""
        for neuron in spikes:
            if neuron < len(self.synapses_of):
                for synapse in self.synapses_of[neuron]:
                    self.lists[self.steps[synapse]].append(int(synapse))
        now = self.lists.pop(0)
        self.lists.append([])
        return now
