"""What the processor is good at."""

from functools import cache
from pathlib import Path


@cache
def gains_from_bf16() -> bool:
    """Whether the processor multiplies 16-bit floats (bfloat16) in hardware, so that they are faster than 32-bit."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    flags = {flag for line in told.splitlines() if line.startswith(("flags", "Features")) for flag in line.split()}
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})
