import subprocess
import sys

import pytest

import myoperf
from myoperf.quant import batch


def test_verbs_are_functions_of_the_package() -> None:
    assert myoperf.quantify is batch.quantify
    for name in ("quantify", "train", "predict", "evaluate", "evaluate_counts", "demo"):
        assert callable(getattr(myoperf, name)), name
    assert myoperf.evaluate_counts(1, 2, 3, 4).n_patients == 10


def test_what_is_not_there_is_told_as_usual() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = myoperf.nothing


@pytest.mark.parametrize(
    "code",
    [
        "import myoperf.evaluate; myoperf.evaluate",
        "import myoperf; myoperf.evaluate",
        "from myoperf import train; train",
        "import myoperf; myoperf.train",
    ],
)
def test_a_room_named_like_a_verb_can_be_called_whichever_way_it_is_imported(code: str) -> None:
    statement, name = code.split("; ")
    call = f"try:\n    {name}()\nexcept TypeError as error:\n    assert 'missing' in str(error), error\n"
    program = f"{statement}\nassert callable({name})\n{call}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, myoperf; sys.exit(len({'numpy', 'pandas', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
