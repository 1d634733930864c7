"""What lies between real and virtual normal maps, in few smooth functions of the place on the wall.

    python validation/credibility_modes.py VIRTUAL/cohort.csv REAL/cohort.csv

Prints, by sex, the coefficients of log(real mean / virtual mean) in cos(k pi s) times cos and sin of the angle, what is
left over, and the spread of each function's share between patients and between the states, real beside virtual.
s runs from 0 at the apex to 1 at the valve plane as the quantification finds it; angles as in ``core.polar``.
"""

import argparse
from pathlib import Path

import numpy as np
from credibility_cases import Cases, Floats, read_cases

from myoperf.core.polar import RINGS, SECTORS
from myoperf.core.terms import State

STEPS = 4
WAVES = ("1", "cos", "sin", "cos 2", "sin 2", "cos 3", "sin 3")


def basis() -> Floats:
    """Smooth functions on the disc, shape (STEPS x 7, 24 x 36): cos(k pi s) times a wave; waves fade at the apex."""
    s = (np.arange(RINGS) + 0.5)[:, None] / RINGS
    phi = np.radians(np.arange(SECTORS) * 360.0 / SECTORS)[None]
    rise = np.clip(s / 0.3, 0, 1)
    waves = [np.ones_like(phi)] + [f(k * phi) for k in (1, 2, 3) for f in (np.cos, np.sin)]
    functions = [
        (np.cos(k * np.pi * s) * wave * (rise if n else 1.0)).ravel()
        for k in range(STEPS)
        for n, wave in enumerate(waves)
    ]
    table: Floats = np.asarray(np.stack(functions), dtype=np.float64)
    return table


def coefficients(values: Floats, weight: Floats) -> Floats:
    """Least squares with area weights of maps (..., 24, 36), shape (..., STEPS x 7)."""
    functions, root = basis(), np.sqrt(weight).ravel()
    flat = values.reshape(-1, RINGS * SECTORS)
    solved = np.linalg.lstsq((functions * root).T, (flat * root).T, rcond=None)[0].T
    return np.asarray(solved, dtype=np.float64).reshape(*values.shape[:-2], len(functions))


def compare(real: Cases, virtual: Cases, state: State) -> None:
    weight = real.weight[state].mean(axis=0)
    ratio = np.log(real.maps[state].mean(axis=0) / virtual.maps[state].mean(axis=0))
    fitted = coefficients(ratio, weight)
    rest = ratio - (fitted @ basis()).reshape(ratio.shape)
    print(f"    log(real / virtual): rms {_rms(ratio, weight):.3f}, left by the functions {_rms(rest, weight):.3f}")
    for k in range(STEPS):
        row = fitted.reshape(STEPS, -1)[k]
        print(f"      cos({k} pi s): " + "  ".join(f"{w} {c:+.3f}" for w, c in zip(WAVES, row, strict=True)))


def spreads(real: Cases, virtual: Cases) -> None:
    """Standard deviation between patients (mean of the states) and of stress - rest, percent of maximum."""
    for name, pick in (("between patients", _mean), ("stress - rest", _difference)):
        print(f"    spread {name}, real / virtual, percent of maximum")
        a, b = (coefficients(pick(c), real.weight[State.STRESS].mean(axis=0)).std(axis=0) for c in (real, virtual))
        for k in range(STEPS):
            part = slice(k * len(WAVES), (k + 1) * len(WAVES))
            line = "  ".join(f"{w} {x:.1f}/{y:.1f}" for w, x, y in zip(WAVES, a[part], b[part], strict=True))
            print(f"      cos({k} pi s): {line}")


def _mean(cases: Cases) -> Floats:
    return (cases.maps[State.STRESS] + cases.maps[State.REST]) / 2


def _difference(cases: Cases) -> Floats:
    return cases.maps[State.STRESS] - cases.maps[State.REST]


def _rms(values: Floats, weight: Floats) -> float:
    return float(np.sqrt((weight * values**2).sum() / weight.sum()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("virtual", type=Path)
    parser.add_argument("real", type=Path)
    options = parser.parse_args()
    real, virtual = read_cases(options.real), read_cases(options.virtual).clear()
    for sex, name in (("M", "men"), ("F", "women")):
        a, b = real.group(sex, 0), virtual.group(sex, 0)
        print(f"{name}: {len(a)} real, {len(b)} virtual normals")
        for state in State:
            print(f"  {state}")
            compare(a, b, state)
        spreads(a, b)


if __name__ == "__main__":
    main()
