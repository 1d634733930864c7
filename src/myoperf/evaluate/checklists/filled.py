"""Every checklist with its answers."""

from collections.abc import Mapping, Sequence

from myoperf.core.scorecard import ChecklistItem, Scorecard

from . import claim, quadas2, tripod_ai
from .facts import Facts
from .told import told

_LISTS: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "TRIPOD+AI": tripod_ai.ITEMS,
    "CLAIM": claim.ITEMS,
    "QUADAS-2": quadas2.ITEMS,
}


def checklists(card: Scorecard, facts: Facts) -> dict[str, tuple[ChecklistItem, ...]]:
    """TRIPOD+AI, CLAIM and QUADAS-2 for one scorecard; an item that nothing is known of has an empty answer.

    An answer tells what the run knows of the item, not that the item is reported well: that is for the author.
    """
    answers = told(card, facts)
    return {
        name: tuple(
            ChecklistItem(item=item, topic=topic, answer="; ".join(answers[k] for k in keys.split() if k in answers))
            for item, topic, keys in items
        )
        for name, items in _LISTS.items()
    }
