"""Random code: the engine beside the code that Brian2 generates, bit for bit.

    PYTHONHASHSEED=0 python differential.py cython|standalone --cache DIR --work DIR
                     [--engram CLI] [--cases 1000] [--first 0] [--seed 1] [--size 250] [--at-once 2]

Cases come from random_code.py and are compiled in bulk: `--size` of them are a network, in a few
code objects. `cython` is Brian2's runtime target and the dialect brian2-runtime, `standalone`
its C++ and brian2-standalone, both under strict flags. The engine runs the captured network in
strict mode, for equal bits (a NaN is a NaN), and in fast mode, where the values that strict
mode gives must be within the bound of rounding.py.

A case that differs is made smaller while it still does, and printed with its seed and number.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from capture_models import forked
from oracle import set_preferences, uncompiled, Tee
from random_code import Case, cases
from rounding import bounds, plain, within

N = 24
PER_CODE = {"cython": 25, "standalone": 125}  #: cases a code object
#: With -fwrapv, as Python has all Cython code compiled: else gcc may take it that nothing wraps.
STRICT = ["-w", "-O1", "-g0", "-fno-fast-math", "-ffp-contract=off", "-std=c++17", "-fwrapv"]
#: All functions that Brian2 adds to its code when they are called: the support of all code.
EVERYTHING = "tmp = exprel(a) + sign(a) + clip(a, 0, 1) + timestep(t, dt) + int(p) + abs(a)"
CONSTANTS = {"ca": 0.37, "cf": np.float32(1.3), "ck": 3, "ci": np.int32(7), "cb": True}


def inputs() -> dict[str, np.ndarray]:
    """What all cases read; nothing that may be a divisor is zero or -1."""
    random = np.random.RandomState(20)
    sign = random.choice([-1.0, 1.0], N)
    small = random.choice([-1, 1], N) * random.randint(2, 13, N)
    wide = 10.0 ** random.uniform(-6, 6, N)
    return {
        "a": sign * random.uniform(0.05, 3, N), "b": random.permutation(sign) * wide,
        "c": random.uniform(0.1, 2, N),
        "f": (random.permutation(sign) * random.uniform(0.05, 3, N)).astype(np.float32),
        "g": random.uniform(0.1, 2, N).astype(np.float32), "k": small.astype(np.int32),
        "m": (random.permutation(sign) * 10.0 ** random.uniform(0.5, 9, N)).astype(np.int32),
        "l": (random.permutation(sign) * 10.0 ** random.uniform(0.5, 12, N)).astype(np.int64),
        "p": random.rand(N) < 0.5, "q": random.rand(N) < 0.5,
        "sa": np.array([1.7]), "sf": np.array([-0.6], np.float32), "sk": np.array([-5], np.int32),
        "sp": np.array([True])}


def first_value(dtype: str, shared: bool, number: int) -> np.ndarray:
    random = np.random.RandomState(number)
    values = random.uniform(-20, 20, 1 if shared else N)
    return values > 0 if dtype == "bool" else values.astype(dtype)


def text_of_type(dtype: str) -> str:
    return {"b": "boolean", "i": "integer", "f": "1"}[np.dtype(dtype).kind]


def build(batch: list[Case], target: str):
    """The network of a batch, its group, and what the variables begin with."""
    from brian2 import Network, NeuronGroup, second

    values, dtypes, equations = inputs(), {}, []
    for name, value in values.items():
        dtypes[name] = value.dtype
        equations.append(f"{name} : {text_of_type(value.dtype)}"
                         + (" (shared)" if len(value) == 1 else ""))
    for case in batch:
        for name, dtype in case.own.items():
            name = case.named(name)
            shared = " (shared)" if name.replace(str(case.number), "@") in case.shared else ""
            equations.append(f"{name} : {text_of_type(dtype)}{shared}")
            dtypes[name] = np.dtype(dtype)
            values[name] = first_value(dtype, bool(shared), case.number)
        if case.subexpression:
            equations.append(case.named(f"s@ = {case.subexpression} : 1"))
    group = NeuronGroup(N, "\n".join(equations), threshold="False", refractory=1 * second,
                        dtype=dtypes, name="G")
    values["not_refractory"] = np.arange(N) % 3 != 0
    for name, value in values.items():
        group.variables[name].set_value(value)
    condition = group.variables["not_refractory"]
    for case in batch:
        for name in case.guarded:
            group.variables[case.named(name)].set_conditional_write(condition)
    group.run_regularly(EVERYTHING, name="code", order=-1)
    for first in range(0, len(batch), PER_CODE[target]):
        part = batch[first:first + PER_CODE[target]]
        lines = [case.named(str(s)) for scalar in (True, False) for case in part
                 for s in case.statements if s.scalar is scalar]
        group.run_regularly("\n".join(lines), name=f"code{first:03}")
    return Network(group), group, values


def accepted(batch: list[Case]) -> list[Case]:
    """Those that Brian2 takes. sympy refuses some expressions that are assigned to a number; and
    where it makes a name vanish from `x = x + EXPR`, Brian2 fails to find that name."""
    from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
    from brian2.utils.stringtools import get_identifiers

    def is_taken(case):
        try:
            for statement in case.statements:
                text = case.named(str(statement.expr))
                if statement.op != "=" or case.own.get(statement.variable, "bool") == "bool":
                    continue
                expr = str_to_sympy(text)
                if statement.variable in str(statement.expr) and \
                        get_identifiers(text) - get_identifiers(sympy_to_str(expr)):
                    return False
        except (SyntaxError, TypeError, ValueError, RecursionError):
            return False
        return True

    return [case for case in batch if is_taken(case)]


class InOneModule:
    """Brian2's Cython code of all code objects of the cases as functions of one module.

    A module for each would cost seconds. The text is Brian2's own but for the lines that take
    arrays and constants out of the namespace: they are the module's, and loaded before each call,
    so that gcc is spared thousands of error paths.
    """

    def __init__(self):
        from brian2.codegen.runtime.cython_rt.cython_rt import CythonCodeObject

        self.functions: list[str] = []
        self.names: dict[str, str] = {}
        self.support, self.module = "", None
        compile_block = CythonCodeObject.compile_block

        def collect(code, block):
            if code.template_name != "stateupdate" or block != "run" or "code" not in code.name:
                return compile_block(code, block)
            return self.function_of(code)

        CythonCodeObject.compile_block = collect

    def function_of(self, code):
        support, body = code.code.run.split("def main(_namespace):")
        self.support, self.like = self.support or support, code
        number, lines = len(self.functions), [f"def main_{len(self.functions)}():"]
        for line in body.split("\n"):
            array = re.match(r" *cdef (\w+) \* (\w+) = <\1 \*> _buf_\2\.data", line)
            value = re.match(r" *cdef (\w+) (\w+) = _namespace\[", line)
            if array:
                self.names[array[2]] = f"{array[1]} *"
            elif value:
                self.names[value[2]] = value[1]
            elif "_namespace" not in line and "_owner" not in line:
                lines.append(line)
        self.functions.append("\n".join(lines))

        def main(namespace):
            self.compiled()
            self.module.load({name: self.value(namespace[name]) for name in self.names
                              if name in namespace})
            getattr(self.module, f"main_{number}")()

        return type("Function", (), {"main": staticmethod(main)})

    @staticmethod
    def value(value):
        return value.ctypes.data if isinstance(value, np.ndarray) and value.ndim else value

    def compiled(self):
        from brian2.codegen.runtime.cython_rt.cython_rt import cython_extension_manager

        if self.module:
            return
        load = ["def load(_namespace):"] + [f"    global {name}" for name in self.names]
        for name, kind in self.names.items():
            address = f"<{kind}><size_t> " if "*" in kind else ""
            load += [f"    if '{name}' in _namespace:",
                     f"        {name} = {address}_namespace['{name}']"]
        declared = [f"cdef {kind} {name}" for name, kind in self.names.items()]
        self.module = cython_extension_manager.create_extension(
            "\n".join([self.support, *declared, *load, *self.functions]),
            compiler=self.like.compiler, define_macros=self.like.define_macros,
            include_dirs=self.like.include_dirs, owner_name="cases",
            extra_compile_args=self.like.extra_compile_args)


def with_cython(batch, out: Path, cache: str) -> None:
    """What Brian2's compiled code makes of it, and the document."""
    import brian2
    from brian2engram import document
    from brian2engram.capture import capture

    set_preferences(brian2.prefs, "strict", cache)
    net, group, values = build(batch, "cython")
    content = capture(net, 1e-4, CONSTANTS)
    content["provenance"] = None
    document.write(out / "code.mpk", content)
    tee = sys.stderr = Tee(sys.stderr)
    InOneModule()
    brian2.seed(1)
    run = getattr(brian2.Network.run, "original_function", brian2.Network.run)
    net.after_run_objects = None
    objects = list(net.sorted_objects)
    run(net, 1e-4 * brian2.second, namespace=CONSTANTS)
    missing = uncompiled(type("Objects", (), {"sorted_objects": objects}))
    if missing or "Error compiling Cython file" in "".join(tee.text):
        raise SystemExit(f"Brian2 did not compile {', '.join(missing)}")
    np.savez(out / "want.npz", **{name: group.variables[name].get_value() for name in values})


#: Brian2's objects.cpp has pages for each array, which take half a minute to compile.
MAIN = """{headers}
#include "objects.h"
#include <cstdio>
namespace brian {{
{arrays}
}}
using namespace brian;
static const struct {{ void *data; size_t size; }} table[] = {{ {table} }};
int main()
{{
    FILE *start = fopen("start", "rb"), *end = fopen("end", "wb");
    for (const auto &x : table)
        if (fread(x.data, 1, x.size, start) != x.size)
            return 1;
{calls}
    for (const auto &x : table)
        if (fwrite(x.data, 1, x.size, end) != x.size)
            return 1;
    return fclose(end);
}}
"""
NUMPY_TYPES = {"double": "float64", "float": "float32", "int32_t": "int32", "int64_t": "int64",
               "char": "int8"}


def with_cpp(batch, out: Path, cache: str) -> None:
    """The same by the code of Brian2's standalone target, and the document in its dialect."""
    import brian2
    from brian2engram import document
    from brian2engram.capture import capture

    brian2.prefs.codegen.target = "numpy"
    brian2.prefs.codegen.loop_invariant_optimisations = False
    brian2.BrianLogger.suppress_name("unused_brian_object")  # captured, not run
    net, group, values = build(batch, "standalone")
    content = capture(net, 1e-4, CONSTANTS)
    content["provenance"] = None
    content["network"]["dialect"] = "brian2-standalone"
    document.write(out / "code.mpk", content)
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.codegen.target = "auto"
    net, group, values = build(batch, "standalone")
    net.run(1e-4 * brian2.second, namespace=CONSTANTS)
    folder = out / "standalone"
    brian2.device.build(directory=str(folder), compile=False, run=False)
    device = brian2.device
    values.update(i=np.arange(N, dtype=np.int32))
    start = {device.get_array_name(group.variables[name]): value for name, value in values.items()}
    table = re.findall(r"extern (\w+) \*(_array_(?:G|defaultclock)_\w+);",
                       (folder / "objects.h").read_text())
    with open(folder / "start", "wb") as file:
        for kind, name in table:
            value = np.zeros(N + 1, dict(NUMPY_TYPES, char="bool")[kind])
            if name in start:
                value[:start[name].size] = start[name]
            elif name == "_array_defaultclock_dt":
                value[0] = 1e-4
            file.write(value.tobytes())
    codes = sorted((folder / "code_objects").glob("code*.cpp"))
    (folder / "cases.cpp").write_text(MAIN.format(
        headers="\n".join(f'#include "code_objects/{path.stem}.h"' for path in codes),
        arrays="\n".join(f"static {kind} store{name}[{N + 1}]; {kind} *{name} = store{name};"
                         for kind, name in table),
        table=", ".join(f"{{{name}, sizeof store{name}}}" for _, name in table),
        calls="\n".join(f"    _run_{path.stem}();" for path in codes)))
    library = Path(brian2.__file__).parent
    include = ["-I", folder, "-I", library / "synapses",
               "-I", library / "devices" / "cpp_standalone" / "brianlib"]
    subprocess.run(["g++", *STRICT, *include, "-o", folder / "cases", folder / "cases.cpp", *codes],
                   check=True)
    subprocess.run([folder / "cases"], check=True, cwd=folder)
    with open(folder / "end", "rb") as file:
        end = {name: np.frombuffer(file.read((N + 1) * np.dtype(NUMPY_TYPES[kind]).itemsize),
                                   dict(NUMPY_TYPES, char="bool")[kind]) for kind, name in table}
    np.savez(out / "want.npz", **{
        name: end[device.get_array_name(group.variables[name])][:group.variables[name].size]
        for name in values})


def reference(batch, target: str, out: Path, cache: str) -> int:
    """Start a process that makes them. Brian2 is imported before the processes part."""
    shutil.rmtree(out, ignore_errors=True)  # of a run that was stopped
    out.mkdir(parents=True)
    for number, case in enumerate(batch):
        case.number = number
    make = {"cython": with_cython, "standalone": with_cpp}[target]
    return forked(lambda: make(accepted(batch), out, cache), out / "error.txt")


@dataclass
class Difference:
    case: Case
    line: str

    def __str__(self) -> str:
        return f"{self.case}\n{self.line}"


def engine(cli: str, out: Path, math: str) -> dict[str, np.ndarray]:
    done = subprocess.run([cli, "run", out / "code.mpk", "--math", math, "--out",
                           out / f"{math}.h5"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{out}: {done.stderr}")
    with h5py.File(out / f"{math}.h5") as results:
        return {name: np.atleast_1d(item[...]) for name, item in results["state/G"].items()}


def same(have: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Elements with equal bits, or NaN in both."""
    if have.dtype == np.uint8:
        have = have.view(bool)
    assert have.dtype == want.dtype and have.shape == want.shape
    bits = have.reshape(-1, 1).view(np.uint8) == want.reshape(-1, 1).view(np.uint8)
    equal = bits.reshape(len(have), -1).all(axis=1)
    return equal | (np.isnan(have) & np.isnan(want)) if want.dtype.kind == "f" else equal


def described(case, name, at, have, want, whose, count) -> Difference:
    read = ", ".join(f"{key} = {value[at % len(value)]!r}" for key, value in inputs().items())
    return Difference(case, f"  {name}[{at}] is {have[at]!r}, {whose} {want[at]!r}; {count} elements"
                      f"\n  {read}")


def wrong_in_fast(case: Case, strict, fast, target: str) -> Difference | None:
    start = {plain(name): first_value(dtype, name in case.shared, case.number)
             for name, dtype in case.own.items()}
    limits = bounds(case, start, inputs(), CONSTANTS, target == "standalone")
    for name in case.own:
        have, want = fast[case.named(name)], strict[case.named(name)]
        wrong = np.flatnonzero(~within(have, want, limits[name]))
        if len(wrong):
            at = wrong[0]
            return described(case, name, at, have, want, "in fast mode; strict", f"{len(wrong)} "
                             f"(bound {limits[name].error[at % limits[name].error.size]:.3g})")
    return None


def differences(batch, out: Path, args) -> list[Difference]:
    """What the engine makes of a batch that is not Brian2's, or in fast mode not near enough."""
    found = []
    with np.load(out / "want.npz") as wants:
        want = {name: np.atleast_1d(wants[name]) for name in wants.files}
    strict, fast = (engine(args.engram, out, math) for math in ("strict", "fast"))
    for case in batch:
        if not all(case.named(name) in want for name in case.own):
            continue  # Brian2 refuses the case
        for name in map(case.named, case.own):
            wrong = np.flatnonzero(~same(strict[name], want[name]))
            if len(wrong):
                found.append(described(case, name, wrong[0], strict[name], want[name], "Brian2's",
                                       len(wrong)))
                break
        else:
            found += filter(None, [wrong_in_fast(case, strict, fast, args.target)])
    return found


def smaller(difference: Difference, args, number: int) -> Difference:
    """The smallest case with a difference that leaving things out leads to."""
    for round_ in range(20):
        candidates = sorted(difference.case.smaller(), key=Case.count)[:args.size]
        if not candidates:
            break
        out = Path(args.work) / f"smaller-{args.target}-{number}-{round_}"
        if os.waitpid(reference(candidates, args.target, out, args.cache), 0)[1]:
            break  # Brian2 refuses one of them: as small as it gets
        left = differences(candidates, out, args)
        if not left:
            break
        difference = min(left, key=lambda d: d.case.count())
    return difference


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("target", choices=["cython", "standalone"])
    parser.add_argument("--engram", default=os.environ.get("ENGRAM_CLI"))
    parser.add_argument("--cache", required=True, help="Brian2's compiled code; only this program")
    parser.add_argument("--work", required=True, help="an empty folder")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=250)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="do not make failing cases smaller")
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        parser.error("set PYTHONHASHSEED=0")
    args.cache, args.work = os.path.abspath(args.cache), os.path.abspath(args.work)
    work = Path(args.work)
    import brian2  # noqa: F401  (before the processes part)
    import brian2engram  # noqa: F401

    waiting = [(f"{args.target}-{args.seed}-{first}", cases(args.seed, first, min(args.size, args.first + args.cases - first)))
               for first in range(args.first, args.first + args.cases, args.size)]
    running, found, refused, done = {}, [], 0, 0
    started = time.monotonic()
    while waiting or running:
        while waiting and len(running) < args.at_once:
            name, batch = waiting.pop(0)
            out = work / name
            running[reference(batch, args.target, out, args.cache)] = (batch, out)
        child, status = os.wait()
        batch, out = running.pop(child)
        if status and len(batch) > 1:  # which one is it?
            half = len(batch) // 2
            waiting += [(out.name + "a", batch[:half]), (out.name + "b", batch[half:])]
            continue
        if status:
            refused += 1
            error = out / "error.txt"  # not written by what died of a signal
            reason = error.read_text().splitlines()[-1] if error.exists() else f"status {status}"
            print(f"Brian2 has no result for {batch[0]}\n{reason}", flush=True)
            continue
        new = differences(batch, out, args)
        print(f"{out.name}: {len(batch)} cases, {len(new)} differ", flush=True)
        found += new
        done += len(batch)
        shutil.rmtree(out)
    print(f"{done} cases, {len(found)} differ, {refused} refused by Brian2, "
          f"{time.monotonic() - started:.0f} s", flush=True)
    for number, difference in enumerate(found[:10]):
        print(difference if args.keep else smaller(difference, args, number), flush=True)
    return 1 if found or refused > done / 100 else 0


if __name__ == "__main__":
    sys.exit(main())
