"""The outside world to the core's values, and back: DICOM NM, cohort tables, files."""
