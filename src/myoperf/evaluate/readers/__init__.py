"""Several readers on the same cases: is a condition (with AI, say) better than another, for readers and cases to come?

Known answers: the example of Van Dyke 1993, as published by two programs.
"""

from .compare import compare_readers

__all__ = ["compare_readers"]
