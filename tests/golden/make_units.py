"""Write units_brian2_<version>.txt: every default unit name of the installed Brian2.

One line a unit: name, scale as a hexadecimal float, seven exponents (metre kilogram second
ampere kelvin mole candela). Run from this folder with Brian2 installed.
"""

import brian2
from brian2.core.namespace import DEFAULT_UNITS

with open(f"units_brian2_{brian2.__version__}.txt", "w") as out:
    for name, unit in sorted(DEFAULT_UNITS.items()):
        exponents = " ".join(str(float(x)) for x in unit.dim._dims)
        out.write(f"{name} {float(unit).hex()} {exponents}\n")
