"""What is said of one study: measures, model predictions, attributions, and where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .measures import Caution, Measures


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """How much each segment, territory and input spoke for a prediction (signed: above 0 raises the probability)."""

    segments: tuple[float, ...]
    territories: Mapping[str, float]
    inputs: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class ModelFinding:
    """One model's answer for one study."""

    recipe: str
    target: str
    probability: float | None
    interval: tuple[float, float] | None = None
    calibrated: bool = False
    in_domain: bool | None = None
    abstained: bool = False
    attribution: Attribution | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything the reader is handed about one study."""

    study: Mapping[str, object]
    measures: Measures | None
    models: tuple[ModelFinding, ...] = ()
    warnings: tuple[Caution, ...] = ()
    provenance: Mapping[str, object] = field(default_factory=dict)
