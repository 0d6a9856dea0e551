"""Service files become modules: under which name, from where, and what goes wrong."""

from __future__ import annotations

import logging
import sys
from textwrap import dedent

import pytest

import tomodachi
from tomodachi.container import ServiceContainer
from tomodachi.importer import ServiceImporter, ServicePackageError


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(sys.modules)
    yield
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    tomodachi.SERVICE_EXIT_CODE = 0


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(path: str, text: str = "") -> str:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
        return path

    return write


def test_a_file_is_imported_as_directory_and_file_so_that_relative_imports_work(write):
    write("shop_pkg/prices.py", "price = 7")
    write("shop_pkg/__init__.py")
    file = write("shop_pkg/service.py", "from .prices import price")
    module = ServiceImporter.import_service_file(file)
    assert (module.__name__, module.price) == ("shop_pkg.service", 7)
    assert sys.modules["shop_pkg.service"] is module


def test_a_directory_need_not_be_declared_a_package(write):
    write("stock_pkg/amounts.py", "amount = 3")
    file = write("stock_pkg/service.py", "from .amounts import amount")
    assert ServiceImporter.import_service_file(file).amount == 3


def test_the_ending_may_be_left_out_and_the_path_be_absolute(write, tmp_path):
    write("plain_dir/service.py", "x = 1")
    assert ServiceImporter.import_service_file("plain_dir/service").x == 1
    assert ServiceImporter.import_service_file(str(tmp_path / "plain_dir" / "service.py")).x == 1


def test_working_directory_and_packages_parent_are_importable(write, tmp_path):
    write("helpers_of_cwd.py", "cwd = True")
    write("deep/er/sibling_pkg/__init__.py", "sibling = True")
    file = write(
        "deep/er/svc_pkg/service.py",
        """
        from helpers_of_cwd import cwd
        from sibling_pkg import sibling
        """,
    )
    module = ServiceImporter.import_service_file(file)
    assert module.cwd
    assert module.sibling
    assert str(tmp_path / "deep" / "er") in sys.path


def test_a_folder_whose_name_cannot_be_written_in_code_is_a_package_all_the_same(write):
    """As in 0.29.0: repositories are often called so."""
    write("order-service/prices.py", "price = 7")
    module = ServiceImporter.import_service_file(
        write("order-service/app.py", "from .prices import price")
    )
    assert (module.__name__, module.price) == ("order-service.app", 7)


@pytest.mark.parametrize("directory", ["json", "v1.2", "pytest"])
def test_a_file_is_loaded_on_its_own_where_the_package_name_is_taken_or_no_name(write, directory):
    file = write(f"{directory}/lonely_service.py", "x = 1")
    module = ServiceImporter.import_service_file(file)
    assert (module.__name__, module.x) == ("lonely_service", 1)
    assert sys.modules["json"].dumps({}) == "{}"


def test_a_file_on_its_own_takes_no_other_modules_name(write):
    """0.29.0 names it after its path, which no import can ask for."""
    module = ServiceImporter.import_service_file(write("v1.2/json.py", "x = 1"))
    assert (module.__name__, module.x) == ("v1.2/json", 1)
    assert sys.modules["json"].dumps({}) == "{}"
    assert ServiceContainer(module).module_name == "json"


def test_a_package_that_cannot_be_imported_says_why(write, caplog):
    """0.29.0 does not load its files on their own."""
    write("unready_pkg/__init__.py", "import nothing_of_the_kind")
    file = write("unready_pkg/ready_service.py", "x = 1")
    with pytest.raises(ModuleNotFoundError, match="nothing_of_the_kind"):
        ServiceImporter.import_service_file(file)
    assert "unable to load service file" in caplog.text


def test_row_16_a_missing_file_is_an_os_error_and_exit_code_2(write, caplog):
    """Row 16."""
    with caplog.at_level(logging.ERROR), pytest.raises(OSError, match="nowhere"):
        ServiceImporter.import_service_file("nowhere")
    assert "no such service file" in caplog.text
    assert tomodachi.SERVICE_EXIT_CODE == 2


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_name_without_a_file_is_a_missing_file(write, name):
    with pytest.raises(OSError, match="No such service file"):
        ServiceImporter.import_service_file(name)


@pytest.mark.parametrize(
    ("text", "error", "level"),
    [
        ("def broken(:", SyntaxError, "ERROR"),
        ("import module_that_is_not_there", ModuleNotFoundError, "WARNING"),
        ("1 / 0", ZeroDivisionError, "ERROR"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_logged_and_its_error_raised(
    write, text, error, level, caplog
):
    """The lines of 0.29.0."""
    write("broken_dir/broken_service.py", text)
    with caplog.at_level(logging.WARNING), pytest.raises(error):
        ServiceImporter.import_service_file("broken_dir/broken_service")
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == (level, "unable to load service file")
    assert record.__dict__["logger.context"] == {"file_path": "broken_dir/broken_service.py"}
    assert not [name for name in sys.modules if name.endswith("broken_service")]


def test_a_file_that_fails_leaves_the_module_that_was_there(write):
    file = write("twice_dir/service.py", "x = 1")
    first = ServiceImporter.import_service_file(file)
    write("twice_dir/service.py", "1 / 0")
    with pytest.raises(ZeroDivisionError):
        ServiceImporter.import_service_file(file)
    assert sys.modules["twice_dir.service"] is first


def test_a_folder_called_like_its_standard_library_file_is_refused(write, caplog):
    file = write("os/os.py")
    with caplog.at_level(logging.WARNING), pytest.raises(ServicePackageError, match="rename it"):
        ServiceImporter.import_service_file(file)
    assert issubclass(ServicePackageError, ImportError)
    assert "invalid service package name" in caplog.text


def test_a_relative_import_without_a_package_blames_the_folder(write, caplog):
    file = write("json/needy_service.py", "from .prices import price")
    with pytest.raises(ServicePackageError, match="'json' is called like another module"):
        ServiceImporter.import_service_file(file)
    assert "invalid service package name" in caplog.text


def test_a_folder_and_file_called_like_a_package_of_the_standard_library_are_not_in_its_way(write):
    module = ServiceImporter.import_service_file(write("email/email.py", "x = 1"))
    assert (module.__name__, module.x) == ("email/email", 1)
    assert sys.modules["email"] is not module


def test_no_exec_compiles_and_runs_nothing(write):
    file = write("compiled_dir/service.py", "1 / 0")
    module = ServiceImporter.import_service_file(file, no_exec=True)
    assert module.__name__ == "compiled_dir.service"
    assert "compiled_dir.service" not in sys.modules
    broken = write("compiled_dir/broken.py", "def (")
    with pytest.raises(SyntaxError):
        ServiceImporter.import_module(broken, no_exec=True)


def test_what_is_no_python_file_is_an_import_error(write):
    write("data_dir/service.txt", "x")
    with pytest.raises(ImportError, match="no Python file"):
        ServiceImporter.import_module("data_dir/service.txt")
