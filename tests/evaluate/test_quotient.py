import numpy as np

from myoperf.evaluate.quotient import quotient


def test_what_is_divided_by_nothing_is_empty() -> None:
    above, below = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([2.0, 0.0])
    np.testing.assert_array_equal(quotient(above, below), [[0.5, np.nan], [1.5, np.nan]])
    np.testing.assert_array_equal(quotient(above, below, empty=0.0), [[0.5, 0.0], [1.5, 0.0]])
    np.testing.assert_array_equal(quotient(np.array([1.0]), np.array([1e-13])), [np.nan])
