"""House rules that no linter checks. Each failure names file:line and the rule."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "myoperf"
FOLDERS = ("src", "tests", "docs", "bench", "validation")
TEXT = {".py", ".md", ".toml", ".yml", ".cff", ".html", ".css", ".js", ".json", ".j2"}
FILE_LINES, FUNCTION_LINES = 400, 40

NO_ROOM = re.compile(r"^_*(utils?|helpers?|common|misc)$")
LEFT_OPEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|NotImplemented" r"Error")
ONE_MACHINE = re.compile(r"(?<![\w.:/])/(?:work|tmp|root|farm|opt|home)/\w")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def texts() -> Iterator[Path]:
    """Every text file that belongs to the project, generated pages left out."""
    for path in (*ROOT.glob("*"), *ROOT.glob(".ci/*"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*"))):
        if path.is_file() and (path.suffix in TEXT or path.name in {"Makefile", "run"}):
            if "recipes" in path.parts and path.is_relative_to(ROOT / "docs"):
                continue
            yield path


def programs(folder: Path = SOURCE) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def at(path: Path, line: int, rule: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {rule}"


def lines_with(pattern: re.Pattern[str], rule: str) -> list[str]:
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if hit := pattern.search(line):
                found.append(at(path, number, f"{rule}: {hit.group()}"))
    return found


def none(broken: list[str]) -> None:
    assert not broken, "\n" + "\n".join(broken)


def test_files_are_short() -> None:
    paths = [p for f in ("src", "tests", "bench", "validation", "docs") for p in (ROOT / f).rglob("*.py")]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    none(
        [at(p, n, f"a file has at most {FILE_LINES} lines, this has {n}") for p, n in lengths.items() if n > FILE_LINES]
    )


def test_functions_are_short() -> None:
    broken = []
    for path, tree in programs():
        for node in functions(tree):
            length = lines_of(node) - (lines_of(node.body[0]) if ast.get_docstring(node) else 0)
            if length > FUNCTION_LINES:
                told = f"{node.name} has {length} lines without its docstring, at most {FUNCTION_LINES} are allowed"
                broken.append(at(path, node.lineno, told))
    none(broken)


def test_rooms_are_named_after_what_they_hold() -> None:
    none([at(p, 1, "name the noun that the file holds") for p in SOURCE.rglob("*") if NO_ROOM.match(p.stem)])


def test_everything_public_has_a_docstring() -> None:
    broken = []
    for path, tree in programs():
        named = [n for n in tree.body if isinstance(n, Function | ast.ClassDef) and not n.name.startswith("_")]
        silent = [n for n in named if not ast.get_docstring(n)]
        broken += [at(path, node.lineno, f"{node.name} has no docstring") for node in silent]
        broken += [] if ast.get_docstring(tree) else [at(path, 1, "the module has no docstring")]
    none(broken)


def test_nothing_is_left_open() -> None:
    none(lines_with(LEFT_OPEN, "finish it or leave it out"))


def test_no_path_of_one_machine() -> None:
    none(lines_with(ONE_MACHINE, "a path of one machine"))


def test_the_environment_is_not_read() -> None:
    broken = []
    for path, tree in programs():
        for node in ast.walk(tree):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name in {"environ", "getenv"} or (isinstance(node, ast.keyword) and node.arg == "envvar"):
                broken.append(at(path, getattr(node, "lineno", 1), "options come by argument, not by the environment"))
    none(broken)


def test_every_recipe_file_holds_one_recipe() -> None:
    broken = []
    for path in sorted((SOURCE / "recipes").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
        names += [n.target.id for n in tree.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
        wanted = 0 if path.stem == "__init__" else 1
        if names.count("RECIPE") != wanted:
            broken.append(at(path, 1, f"expected {wanted} RECIPE, found {names.count('RECIPE')}"))
        if wanted and not re.fullmatch(r"[a-z]+\d{4}_[a-z0-9_]+", path.stem):
            broken.append(at(path, 1, "a recipe is named <first author><year>_<what>"))
    none(broken)


def test_commands_in_the_readme_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    broken = []
    for name in ("README.md", "CONTRIBUTING.md"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            unknown = set(re.findall(r"(?:^|`)make ([a-z]+)", line)) - targets
            broken += [at(ROOT / name, number, f"the Makefile has no target {target}") for target in sorted(unknown)]
    none(broken)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^make ([a-z]+)", readme, re.MULTILINE) == ["demo", "test"]


def test_every_page_of_the_documentation_is_listed() -> None:
    listed = set(re.findall(r"([\w/-]+\.md)\s*$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
    pages = {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")}
    assert {p for p in pages if not p.startswith("recipes/")} == listed - {"recipes/index.md"}


def test_floors_below_training_never_load_torch() -> None:
    code = (
        "import sys, pkgutil, importlib, myoperf\n"
        "for room in ('core', 'io', 'quant', 'views', 'evaluate', 'report'):\n"
        "    package = importlib.import_module(f'myoperf.{room}')\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "sys.exit(' '.join(sorted({'torch', 'monai'} & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"loaded: {done.stderr}"
