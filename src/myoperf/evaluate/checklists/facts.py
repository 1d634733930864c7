"""What is known of how predictions came about, in words; the scorecard itself does not know it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Sentences without a full stop; empty where nothing is known, as for predictions of anybody's software.

    unit : what the parts are disjoint by, "patients" or "images". opened : how often the test part was opened.
    """

    system: str = ""
    paper: str = ""
    data: str = ""
    centres: str = ""
    participants: str = ""
    left_out: str = ""
    outcome: str = ""
    predictors: str = ""
    preparation: str = ""
    network: str = ""
    initialisation: str = ""
    training: str = ""
    choosing: str = ""
    ensemble: str = ""
    partition: str = ""
    unit: str = ""
    splits: str = ""
    software: str = ""
    availability: str = ""
    imbalance: str = ""
    external: str = ""
    opened: int | None = None
