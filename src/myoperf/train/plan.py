"""What a run will do, settled before anything is fitted: variants as they are trained, studies, splits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from myoperf.core.progress import Progress
from myoperf.io.cache import cache_beside, cache_key
from myoperf.io.cohort_table import Cohort, CohortRow
from myoperf.protocols import Fold, Nested, Protocol, Splits, aliases, check_splits, make_splits
from myoperf.recipe import (
    PictureEncoder,
    Recipe,
    ResNet18,
    ResNet152,
    SeparateNetworks,
    SharedEncoder,
    Torch,
    as_trained,
    variant,
)

from .picture_cache import PictureStudy, picture_studies
from .picture_rows import find_pictures, looks_at_pictures, picture_rows, view_of
from .polar_pictures import has_pictures, has_series, on_both, picture_maps
from .published_ways import on_published_ways
from .runnable import require_runnable
from .shipped_start import encoders_of, is_shipped
from .studies import Maps, Study, check_classes, choose, rows_of, subjects
from .task import Parts, Rows


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for, in the words of ``train``."""

    recipe: Recipe
    cohort: Cohort
    variants: tuple[str, ...]
    protocol: Protocol
    where: str | None
    pretrained: Path | None
    seed: int
    quick: bool
    exact: bool


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Variants as they are trained with their rows, the splits, and what the reader has to be told.

    pictures : where pictures are looked at, the studies of each variant by id.
    """

    request: Request
    trained: tuple[Recipe, ...]
    rows: tuple[Rows, ...]
    splits: Splits
    warnings: tuple[str, ...]
    refused: tuple[str, ...]
    pictures: tuple[Mapping[str, PictureStudy], ...] = field(repr=False, default=())


def make_plan(request: Request, maps: Maps | None, jobs: int | None, progress: Progress) -> Plan:
    """Settle everything; RefusedError where the recipe cannot be trained, or the cohort cannot train it."""
    trained = tuple(trained_variant(request, name) for name in request.variants)
    for recipe in trained:
        require_runnable(recipe)
    if looks_at_pictures(request.recipe):
        return _plan_of_pictures(request, trained, jobs, progress)
    rows = rows_where(request.cohort, request.where)
    chosen = choose(request.recipe, rows, labelled=True)
    silent = check_classes(request.recipe, chosen.studies)
    refused = [*request.cohort.refused, *chosen.refused]
    if maps is None:
        maps, lines = measured_maps(request.cohort, chosen.studies, jobs=jobs, progress=progress)
        refused.extend(lines)
    studies = tuple(study for study in chosen.studies if study.row.study_id in maps)
    made = [rows_of(recipe, studies, maps) for recipe in trained]
    used = {study_id for variant_rows, _ in made for study_id in variant_rows.study_id}
    splits, loud, told = _split(request, tuple(study for study in studies if study.row.study_id in used))
    return Plan(
        request=request,
        trained=trained,
        rows=tuple(variant_rows for variant_rows, _ in made),
        splits=splits,
        warnings=(
            *on_published_ways(trained, made[0][0], splits),
            *loud,
            *silent,
            *_on_weights(request, trained),
            *_on_choosing(request),
            *on_both([study.row for study in studies]),
            *told,
        ),
        refused=(*refused, *(line for _, lines in made for line in lines)),
    )


def _plan_of_pictures(request: Request, trained: tuple[Recipe, ...], jobs: int | None, progress: Progress) -> Plan:
    """The plan of a recipe that looks at pictures: one row a picture."""
    rows, cache = rows_where(request.cohort, request.where), cache_beside(request.cohort.path)
    found = find_pictures(trained[0], rows, cache, labelled=True, jobs=jobs, progress=progress)
    silent = check_classes(request.recipe, found.chosen.studies)
    shown = {trained[0].views[0]: found.studies}
    for recipe in trained:
        if recipe.views[0] not in shown:
            view = view_of(recipe)
            shown[view], _ = picture_studies(view, rows, cache, jobs=jobs, progress=progress)
    pictures = tuple(shown[recipe.views[0]] for recipe in trained)
    made = tuple(
        picture_rows(recipe, found.chosen.studies, mine) for recipe, mine in zip(trained, pictures, strict=True)
    )
    splits, loud, told = _split(request, found.chosen.studies)
    return Plan(
        request=request,
        trained=trained,
        rows=made,
        splits=splits,
        warnings=(*loud, *silent, *_on_weights(request, trained), *_on_choosing(request), *told),
        refused=(*request.cohort.refused, *found.chosen.refused),
        pictures=pictures,
    )


def identity(plan: Plan) -> dict[str, object]:
    """What makes a run another run, the same in every process."""
    request = plan.request
    content = [
        (
            r.study_id,
            r.patient_id,
            r.inputs,
            r.truth,
            r.groups,
            r.sex,
            *(() if r.pictures is None else (r.pictures.key,)),
        )
        for r in plan.rows
    ]
    return {
        "recipe": request.recipe.name,
        "variant": list(request.variants),
        "seed": request.seed,
        "quick": request.quick,
        "exact": request.exact,
        "weights": cache_key(request.pretrained) if request.pretrained else "none",
        "settings": cache_key(*(asdict(recipe) for recipe in plan.trained)),
        "protocol": cache_key(asdict(request.protocol)),
        "cohort": cache_key(content),
    }


def trained_variant(request: Request, name: str) -> Recipe:
    """A variant as it is trained here: from scratch where it asks for weights that are not at hand."""
    asked = variant(request.recipe, name)
    made = as_trained(asked, scratch=False, quick=request.quick)
    if wants_weights(made) and request.pretrained is None:
        return as_trained(asked, scratch=True, quick=request.quick)
    return made


def wants_weights(recipe: Recipe) -> bool:
    """Whether an encoder starts from weights that were learnt before."""
    return any(encoder.weights is not None for encoder in encoders_of(recipe))


def encoder_of(recipe: Recipe) -> PictureEncoder | None:
    """The recipe's picture encoder, if it has one."""
    if isinstance(recipe.system, Torch) and isinstance(recipe.system.network, SharedEncoder | SeparateNetworks):
        encoder = recipe.system.network.encoder
        return encoder if isinstance(encoder, ResNet18 | ResNet152) else None
    return None


def parts_of(rows: Rows, splits: Splits, fold: Fold) -> Parts:
    """Row numbers of each part of a fold."""
    those = np.array(units(rows, splits))

    def numbers(ids: Sequence[str]) -> "np.typing.NDArray[np.intp]":
        return np.flatnonzero(np.isin(those, list(ids)))

    return Parts(
        train=numbers(fold.train),
        validation=numbers(fold.validation),
        held_out=numbers(fold.held_out),
    )


def units(rows: Rows, splits: Splits) -> tuple[str, ...]:
    """The id of every row that the splits go by."""
    return rows.study_id if splits.unit == "image" else rows.patient_id


def cohort_from(path: Path | str) -> Cohort:
    """The cohort in a table; rows that break a rule are left out, with their lines in ``refused``."""
    from myoperf.io.cohort import read_cohort

    return read_cohort(path, strict=False)


def rows_where(cohort: Cohort, where: str | None) -> tuple[CohortRow, ...]:
    """Rows of a cohort for which a condition on its columns holds; all without a condition."""
    if where is None:
        return cohort.rows
    from myoperf.io.selection import select

    return select(cohort.rows, where)


def measured_maps(
    cohort: Cohort, studies: Sequence[Study], *, jobs: int | None, progress: Progress
) -> tuple[Maps, tuple[str, ...]]:
    """Polar maps of some studies of a cohort, from the cache beside it where they are kept, and what was refused. A
    study that names no series is read from its pictures of polar maps."""
    from myoperf.quant.batch import cohort_maps

    cache = cache_beside(cohort.path)
    rows = [study.row for study in studies]
    pictured = [row for row in rows if has_pictures(row) and not has_series(row)]
    drawn = picture_maps(pictured, cache=cache, jobs=jobs, progress=progress)
    alone = {row.study_id for row in pictured}
    measured = [row for row in rows if row.study_id not in alone]
    if not measured:
        return drawn.maps, drawn.refused
    found = cohort_maps(measured, cache=cache, jobs=jobs, progress=progress)
    return {**found.maps(), **drawn.maps}, (*found.refused, *drawn.refused)


def _split(request: Request, studies: tuple[Study, ...]) -> tuple[Splits, tuple[str, ...], tuple[str, ...]]:
    """The splits, what has to be said of them before anything else, and what is said later."""
    people = subjects(request.recipe, studies, request.protocol)
    splits = make_splits(request.protocol, people, request.seed)
    warnings = check_splits(splits, people)
    loud = 1 if splits.unit == "image" else 0
    alike = aliases(person.patient_id for person in people)
    told = tuple(f"{' and '.join(ids)} are taken for one patient" for ids in alike)
    return splits, warnings[:loud], (*told, *warnings[loud:])


def _on_choosing(request: Request) -> tuple[str, ...]:
    if isinstance(request.protocol, Nested) and len(request.variants) == 1:
        return (f"nested: there is nothing to choose, as {request.variants[0]} is the only variant; no inner folds",)
    return ()


def _on_weights(request: Request, trained: tuple[Recipe, ...]) -> tuple[str, ...]:
    """What has to be said loudly of the size and of the first weights."""
    told: list[str] = []
    if request.quick:
        told.append(f"quick size, for demonstration: not the recipe's own ({quick_words(request.recipe)})")
    pairs = [(variant(request.recipe, recipe.main), recipe) for recipe in trained]
    if any(wants_weights(made) for made in trained) and is_shipped(request.pretrained):
        told.append(f"starts from the shipped encoder, pre-trained on virtual patients{_in_place_of(trained)}")
    if any(wants_weights(asked) and (request.pretrained is None or not wants_weights(made)) for asked, made in pairs):
        why = "the quick size has none" if request.quick else "no file of them was given or found"
        told.append(f"trained from scratch: the recipe starts from ImageNet weights, and {why}")
    return tuple(told)


def _in_place_of(trained: Sequence[Recipe]) -> str:
    """Which weights the shipped ones stand in for, in words; nothing where the recipe asks for the shipped ones."""
    asked = {encoder.weights for recipe in trained for encoder in encoders_of(recipe)} - {None}
    return ", not from ImageNet weights as the recipe says" if "imagenet" in asked else ""


def quick_words(recipe: Recipe) -> str:
    """Settings of the quick size in words."""
    named = {name.rpartition(".")[2]: value for name, value in recipe.quick.items()}
    return ", ".join(f"{name} {value}" for name, value in named.items()) or "nothing changes"
