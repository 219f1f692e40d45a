"""Runs a captured document in numpy, without Brian2: what is not in the document is not there.

Statement by statement over all elements, as Brian2's numpy target does it, so that results
can be compared bit for bit. Enough for models with spikes, resets and delayed synapses.
"""

from __future__ import annotations

import ast

import numpy as np

FUNCTIONS = {
    "exp": np.exp,
    "int": lambda x: np.int32(x) if np.ndim(x) == 0 else np.asarray(x).astype(np.int32),
    "timestep": lambda t, dt: np.asarray((t + 1e-3 * dt) / dt).astype(np.int64),
    "_and": np.logical_and, "_or": np.logical_or, "_not": np.logical_not,
}


class Booleans(ast.NodeTransformer):
    """and, or, not element by element."""

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        name = "_and" if isinstance(node.op, ast.And) else "_or"
        return ast.Call(ast.Name(name, ast.Load()), node.values, [])

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return ast.Call(ast.Name("_not", ast.Load()), [node.operand], [])
        return node


def compiled(text):
    tree = ast.fix_missing_locations(Booleans().visit(ast.parse(text, mode="eval")))
    return compile(tree, text, "eval")


class Replay:
    """A document's network, step by step."""

    def __init__(self, document):
        network, state = document["network"], document["state"]
        self.arrays = {(a["owner"], a["variable"]): np.array(a["data"])
                       for a in state["arrays"]}
        dts = {c["name"]: c["dt"] for c in network["clocks"]}
        for clock in state["clocks"]:
            name, n = clock["name"], clock["timestep"]
            self.arrays[name, "dt"] = np.array([dts[name]])
            self.arrays[name, "timestep"] = np.array([n])
            self.arrays[name, "t"] = np.array([n * dts[name]])
        slots = {f"{pre}{slot}": 3 * k + d for k, slot in enumerate(network["schedule"])
                 for d, pre in enumerate(("before_", "", "after_"))}
        self.order = sorted(document["code"]["executables"],
                            key=lambda e: (slots[e["when"]], e["order"], e["name"]))
        self.code = {e["name"]: [(s, compiled(s["expr"])) for s in e.get("statements", [])]
                     for e in self.order}
        self.clock, = (c["name"] for c in state["clocks"])
        self.sizes = {g["name"]: g["n"] for g in network["groups"]}
        self.pathways = {e["name"]: Pathway(e, self, state) for e in self.order
                         if e["template"] == "synapses"}
        self.spikes = {group: np.zeros(0, np.int32) for group in self.sizes}
        self.recorded = {e["name"]: ([], []) for e in self.order
                         if e["template"] == "spikemonitor"}

    def step(self):
        for executable in self.order:
            getattr(self, executable["template"])(executable)
        self.arrays[self.clock, "timestep"] += 1
        self.arrays[self.clock, "t"][0] = (self.arrays[self.clock, "timestep"][0]
                                           * self.arrays[self.clock, "dt"][0])

    def run_block(self, executable, where):
        """Execute the statements for the elements `where` (a slice or numbers)."""
        bindings = {b["name"]: b for b in executable["bindings"]}
        local = dict(FUNCTIONS)

        def place(binding):
            if binding["index"] == "0":
                return 0
            if binding["index"] == "_idx":
                return where
            return self.arrays[tuple(bindings[binding["index"]][key]
                                     for key in ("owner", "variable"))][where]

        def load():
            for name, b in bindings.items():
                if b["kind"] == "constant":
                    local[name] = b["value"] if b["dtype"].startswith("f") else b["integer"]
                elif b["kind"] == "array":
                    local[name] = self.arrays[b["owner"], b["variable"]][place(b)]

        load()
        for statement, code in self.code[executable["name"]]:
            value = eval(code, local)
            name, op = statement["variable"], statement["op"]
            binding = bindings.get(name, {"kind": "local"})
            if binding["kind"] != "array":
                local[name] = value
                continue
            array, at = self.arrays[binding["owner"], binding["variable"]], place(binding)
            if op == "+=":
                np.add.at(array, at, value)
            elif "guard" in binding:
                guard = local[binding["guard"]]
                array[at] = np.where(guard, value, array[at])
            else:
                array[at] = value
            load_name = array[at]
            local[name] = load_name
        return local

    def stateupdate(self, executable):
        self.run_block(executable, slice(None))

    def threshold(self, executable):
        local = self.run_block(executable, slice(None))
        owner = executable["owner"]
        self.spikes[owner] = spikes = np.flatnonzero(local["_cond"])
        if executable.get("refractory"):
            self.arrays[owner, "not_refractory"][spikes] = False
            self.arrays[owner, "lastspike"][spikes] = self.arrays[self.clock, "t"][0]

    def reset(self, executable):
        self.run_block(executable, self.spikes[executable["event_source"]])

    def spikemonitor(self, executable):
        i, t = self.recorded[executable["name"]]
        spikes = self.spikes[executable["event_source"]]
        i.extend(spikes.tolist())
        t.extend([self.arrays[self.clock, "t"][0]] * len(spikes))

    def synapses(self, executable):
        due = self.pathways[executable["name"]].due(self.spikes[executable["event_source"]])
        if len(due):
            self.run_block(executable, due)

    def statemonitor(self, executable):
        pass

    ratemonitor = statemonitor


class Pathway:
    """Delays of one pathway and its spikes in flight (semantics 6.5)."""

    def __init__(self, executable, replay, state):
        delay = replay.arrays[executable["pathway"], "delay"]
        pre = replay.arrays[executable["owner"], "_synaptic_pre"]
        steps = (delay / replay.arrays[replay.clock, "dt"][0] + 0.5).astype(int)
        self.steps = np.broadcast_to(steps, pre.shape)
        self.synapses_of = [np.flatnonzero(pre == k) for k in range(max(replay.sizes.values()))]
        queue, = (q for q in state["queues"] if q["name"] == executable["pathway"])
        longest = max([0, *self.steps.tolist(), *queue["steps"].tolist()])
        self.lists = [[] for _ in range(longest + 1)]
        for step, synapse in zip(queue["steps"], queue["synapses"]):
            self.lists[step].append(synapse)

    def due(self, spikes):
        for neuron in spikes:
            for synapse in self.synapses_of[neuron]:
                self.lists[self.steps[synapse]].append(synapse)
        now = self.lists.pop(0)
        self.lists.append([])
        return np.array(now, dtype=int)
