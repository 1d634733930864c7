"""QUADAS-2: risk of bias of studies of diagnostic accuracy. Questions after Whiting et al., Ann Intern Med
2011;155:529, in our own words. A run can answer few of them; the judgement of bias is left to the reader."""

ITEMS: tuple[tuple[str, str, str], ...] = (
    ("Patients 1", "Were patients taken one after the other, or at random?", ""),
    ("Patients 2", "Was a design of known ill against known well avoided?", ""),
    ("Patients 3", "Were patients left out for good reasons only?", "left_out"),
    ("Index test 1", "Was the system applied without knowledge of the reference?", "opened"),
    ("Index test 2", "Was the threshold settled beforehand?", "threshold_before"),
    ("Reference 1", "Is the reference likely to be right?", "outcome"),
    ("Reference 2", "Was the reference read without knowledge of the system?", ""),
    ("Flow 1", "Was the time between test and reference short enough?", ""),
    ("Flow 2", "Did every patient have the same reference?", ""),
    ("Flow 3", "Are all patients in the analysis?", "everyone"),
    ("Applicability 1", "Are the patients those that the question is about?", "participants"),
    ("Applicability 2", "Is the system used as it would be in practice?", ""),
    ("Applicability 3", "Is the reference what the question is about?", "outcome"),
)
"""Question, its topic, and the answers that speak to it."""
