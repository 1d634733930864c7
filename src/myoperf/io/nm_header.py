"""Typed, checked looks into a DICOM header: what cannot be read is refused with the element's name."""

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from ..core.errors import RefusedError, one_line

MAX_SEQUENCE_BYTES = 128 * 1024
MAX_TEXT = 256
MAX_IDENTIFIER = 64


@dataclass(frozen=True, kw_only=True)
class Header:
    """A data set, or one item of a sequence in it, and the file that it came from."""

    source: str
    dataset: Dataset


@dataclass(frozen=True, kw_only=True)
class Code:
    """One coded concept: value, coding scheme, meaning."""

    value: str
    scheme: str
    meaning: str

    @property
    def label(self) -> str:
        """How a code is quoted as evidence."""
        return one_line(f"{self.value} ({self.scheme}, {self.meaning})", 120)


def element_name(keyword: str) -> str:
    """How an element is named to people: keyword and tag."""
    tag = Tag(tag_for_keyword(keyword) or 0)
    return f"{keyword} ({tag.group:04X},{tag.element:04X})"


def refuse(header: Header, keyword: str, rule: str, came: object) -> RefusedError:
    """A refusal that names an element."""
    return RefusedError(
        header.source, rule=f"{element_name(keyword)} {rule}", came=came, do="correct the header or export again"
    )


def values(header: Header, keyword: str) -> tuple[object, ...]:
    """All values of an element; empty if it is absent or empty."""
    tag = Tag(tag_for_keyword(keyword) or 0)
    if tag not in header.dataset:
        return ()
    try:
        raw: object = header.dataset.get_item(tag)
        if isinstance(raw, RawDataElement) and raw.length > MAX_SEQUENCE_BYTES:
            raise refuse(header, keyword, "is of a sensible length", f"{raw.length} bytes")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = header.dataset[tag].value
    except RefusedError:
        raise
    except RecursionError:
        raise refuse(header, keyword, "nests a few levels deep", "many levels") from None
    except Exception as error:  # the parser's own faults are the file's faults
        raise refuse(header, keyword, "can be read", f"{type(error).__name__} ({error})") from None
    if value is None or (isinstance(value, str) and not value):
        return ()
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return (value,)
    return tuple(value)


def texts(header: Header, keyword: str) -> tuple[str, ...]:
    """Values as trimmed lines of text, control characters folded; empty values left out."""
    lines = (one_line(str(value), MAX_TEXT) for value in values(header, keyword))
    return tuple(line for line in lines if line)


def text(header: Header, keyword: str) -> str:
    """All values as one line of text; empty if absent."""
    return " ".join(texts(header, keyword))


def numbers(header: Header, keyword: str, count: int | None = None) -> tuple[float, ...]:
    """Values as finite numbers; exactly ``count`` of them if given and the element is not empty."""
    found = values(header, keyword)
    if found and count is not None and len(found) != count:
        raise refuse(header, keyword, f"has {count} values", len(found))
    try:
        plain = tuple(float(str(value)) for value in found)
    except ValueError:
        raise refuse(header, keyword, "holds numbers", one_line(str(found), 80)) from None
    if not all(map(math.isfinite, plain)):
        raise refuse(header, keyword, "holds finite numbers", one_line(str(found), 80))
    return plain


def whole(header: Header, keyword: str) -> int | None:
    """The one whole number of an element; None if it is absent or empty."""
    found = numbers(header, keyword, 1)
    if found and not found[0].is_integer():
        raise refuse(header, keyword, "is a whole number", found[0])
    return int(found[0]) if found else None


def require_whole(header: Header, keyword: str, low: int, high: int) -> int:
    """A whole number within low..high; refused if absent."""
    number = whole(header, keyword)
    if number is None or not low <= number <= high:
        raise refuse(header, keyword, f"is {low} to {high}", "nothing" if number is None else number)
    return number


def items(header: Header, keyword: str) -> tuple[Header, ...]:
    """Items of a sequence; empty if it is absent or empty."""
    found = values(header, keyword)
    if not all(isinstance(item, Dataset) for item in found):
        raise refuse(header, keyword, "is a sequence", one_line(str(found), 60))
    return tuple(Header(source=header.source, dataset=item) for item in found if isinstance(item, Dataset))


def codes(header: Header, keyword: str) -> tuple[Code, ...]:
    """Coded concepts of a code sequence; items without a value are left out."""
    found = (
        Code(
            value=text(item, "CodeValue"),
            scheme=text(item, "CodingSchemeDesignator"),
            meaning=text(item, "CodeMeaning"),
        )
        for item in items(header, keyword)
    )
    return tuple(code for code in found if code.value or code.meaning)


def patient_identifier(header: Header) -> str:
    """Patient ID; one too long to be kept whole is refused, for two such could be taken for one patient."""
    told = text(header, "PatientID")
    if len(told) > MAX_IDENTIFIER:
        raise refuse(header, "PatientID", f"has at most {MAX_IDENTIFIER} characters", f"{len(told)} or more")
    return told
