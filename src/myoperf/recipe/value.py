"""A published system as one frozen value."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from myoperf.core.errors import RefusedError
from myoperf.protocols import Protocol
from myoperf.views import View

from .paper import Claim, Paper, Published
from .settings import Changes, changed, setting, setting_names
from .system import System
from .target import Target


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A published system: what it looks at, what it tells, how it learns, how it was judged, what was printed.

    name : the name of its module; filled in by ``load_recipe``.
    main : name of the variant that the recipe is as it stands.
    variants : name to the settings in which it differs from the main one.
    groups : short name to the variants that are trained and compared together under it.
    usual : variants that are trained where none is named; empty: the main one.
    claims : what the paper concludes from its figures, to be tested on ours.
    assumed : dotted name of every setting that the paper does not state, and why it is as it is.
    scratch : settings that change where pre-trained weights are asked for and not at hand.
    quick : settings that change in the small size for demonstrations.

    Raises ValueError for a changed or assumed setting that the recipe does not have, and for a figure of a target or
    variant that it does not have.
    """

    paper: Paper
    targets: tuple[Target, ...]
    views: tuple[View, ...]
    system: System
    protocol: Protocol
    published: tuple[Published, ...] = ()
    claims: tuple[Claim, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)
    main: str = "main"
    variants: Mapping[str, Changes] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    usual: tuple[str, ...] = ()
    scratch: Changes = field(default_factory=dict)
    quick: Changes = field(default_factory=dict)
    name: str = "unnamed"

    def __post_init__(self) -> None:
        names = [target.name for target in self.targets]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"targets have names of their own, got {names}")
        if self.main in self.variants:
            raise ValueError(f"the main variant {self.main!r} is the recipe itself and has no changes")
        odd = [name for name in variant_names(self) if not name.isidentifier()]
        if odd:
            raise ValueError(f"a variant's name becomes a file, so it is one word of letters, got {odd[0]!r}")
        if set(self.usual) - set(variant_names(self)):
            raise ValueError(f"usual variants are among {variant_names(self)}, got {self.usual}")
        _check_groups(self)
        for name in self.assumed:
            setting(self, name)
        if self.variants or self.scratch or self.quick:
            for changes in ({}, *self.variants.values()):
                alone = changed(_bare(self), changes)
                changed(changed(alone, self.scratch), self.quick)
        for figure in self.published:
            if figure.target not in names or figure.variant not in ("", *variant_names(self)):
                raise ValueError(f"a published figure of an unknown target or variant: {figure}")


def variant_names(recipe: Recipe) -> tuple[str, ...]:
    """Names of all variants, the main one first."""
    return (recipe.main, *recipe.variants)


def named_variants(recipe: Recipe, names: Sequence[str]) -> tuple[str, ...]:
    """Names of variants, a group's name standing for its members, each once; none: the usual ones."""
    asked = names or recipe.usual or (recipe.main,)
    found = [member for name in asked for member in recipe.groups.get(name, (name,))]
    return tuple(dict.fromkeys(found))


def variant(recipe: Recipe, name: str) -> Recipe:
    """The recipe as one of its variants, with no further variants; RefusedError for a name that it does not have."""
    if name not in variant_names(recipe):
        near = difflib.get_close_matches(name, [*variant_names(recipe), *recipe.groups], n=1)
        groups = f" (groups: {', '.join(recipe.groups)})" if recipe.groups else ""
        raise RefusedError(
            f"recipe {recipe.name}",
            rule=f"its variants are {', '.join(variant_names(recipe))}{groups}",
            came=repr(name),
            do=f"did you mean {near[0]!r}?" if near else "name one of them",
        )
    made = _changed(recipe, recipe.variants.get(name, {}))
    return replace(made, main=name, published=_figures(recipe, name), scratch=recipe.scratch, quick=recipe.quick)


def as_trained(recipe: Recipe, *, scratch: bool, quick: bool) -> Recipe:
    """One variant as it is trained: from scratch or not, in the small size or not."""
    made = _changed(recipe, recipe.scratch if scratch else {})
    made = _changed(made, recipe.quick if quick else {})
    return replace(made, published=_figures(recipe, recipe.main))


def _figures(recipe: Recipe, name: str) -> tuple[Published, ...]:
    return tuple(figure for figure in recipe.published if figure.variant in ("", name))


def _bare(recipe: Recipe) -> Recipe:
    nothing: dict[str, object] = {"assumed": {}, "variants": {}, "groups": {}, "scratch": {}, "quick": {}}
    return replace(recipe, usual=(), claims=(), published=(), **nothing)  # type: ignore[arg-type]  # of these kinds


def _changed(recipe: Recipe, changes: Changes) -> Recipe:
    """The recipe with some settings changed; what is ``assumed`` of a setting that is gone is dropped with it."""
    made = changed(_bare(recipe), changes)
    names = set(setting_names(made))
    assumed = {name: why for name, why in recipe.assumed.items() if name in names}
    return replace(made, assumed=assumed)


def _check_groups(recipe: Recipe) -> None:
    """ValueError for a group or a claim that does not fit the variants."""
    names = variant_names(recipe)
    for name, members in recipe.groups.items():
        if name in names or not members or set(members) - set(names):
            raise ValueError(f"a group has a name of its own and holds variants, got {name!r}: {members}")
    for claim in recipe.claims:
        if {claim.first, claim.second} - {"", *names}:
            raise ValueError(f"a claim about an unknown variant: {claim}")
