"""The cohort table: one row a study, checked before anything is computed from it."""

from .cohort_build import Built, build_cohort, rows_from_paths
from .cohort_describe import Description, describe_cohort, description_text
from .cohort_read import check_cohort, read_cohort
from .cohort_study import read_study
from .cohort_table import Cohort, CohortRow

__all__ = [
    "Built",
    "Cohort",
    "CohortRow",
    "Description",
    "build_cohort",
    "check_cohort",
    "describe_cohort",
    "description_text",
    "read_cohort",
    "read_study",
    "rows_from_paths",
]
