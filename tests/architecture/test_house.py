"""Rules of the house that no linter keeps. Source: CONTRIBUTING.md and docs/design.md."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("framework/tomodachi", "fakes/tomodachi_fakes", "testkit/tomodachi_testkit")
# Names that texts give to a reader's own files.
EXAMPLE_NAMES = {"service.py", "conftest.py", "test_greeter.py"}
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_decides(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_nothing_tracked_names_a_path_of_a_machine_or_records_addresses() -> None:
    machine = re.compile(r"(^|[^A-Za-z0-9_.\-])/(?:work|farm|root)/")
    lock = re.compile(r"(^|/)(uv|poetry|pdm)\.lock$|package-lock\.json$")
    wrong = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8", errors="replace")
        if lock.search(name) or (path != Path(__file__) and machine.search(text)):
            wrong.append(name)
    assert wrong == []


def test_pins_are_names_and_versions_only() -> None:
    """CONTRIBUTING.md: constraints.txt holds `name==version` lines."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", line)
    ] == []


def test_every_package_is_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)


def test_modules_that_texts_name_exist() -> None:
    """A newcomer follows these names; one that has moved on leads nowhere."""
    files = [path for path in tracked() if path.suffix in {".py", ".md"}]
    known = [f"/{path.relative_to(ROOT)}" for path in tracked() if path.suffix == ".py"]
    gone = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in re.findall(r"`([\w/-]+\.py)`", path.read_text(encoding="utf-8"))
        if name not in EXAMPLE_NAMES and not any(module.endswith(f"/{name}") for module in known)
    ]
    assert gone == []
