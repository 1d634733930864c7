"""Division that tells where it is not defined, for one table or for thousands of replicates at once."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NOTHING = 1e-12


def quotient(above: Floats, below: Floats, *, empty: float = np.nan) -> Floats:
    """Element by element, shapes broadcast; ``empty`` where ``below`` is 0, or so near to it that it tells nothing."""
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    found: Floats = np.divide(above, below, out=np.full(shape, empty), where=below > _NOTHING)
    return found
