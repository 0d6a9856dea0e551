"""What is said of service files that can't be imported: the lines of 0.29.0."""

from __future__ import annotations

import pytest

from tomodachi.importer.importer import ServicePackageError
from tomodachi.launcher.import_errors import log_import_error, syntax_error_location


def raised(path: str, text: str) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - of any kind
        exec(compile(text, path, "exec"), {"__name__": "broken"})
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef (", "syntax error in file"),
        ("class A:\nx = 1", "indentation error in file"),
    ],
)
def test_a_syntax_error_is_told_with_its_place_and_without_frames(
    tmp_path, monkeypatch, caplog, text, message
):
    monkeypatch.chdir(tmp_path)
    error = raised(str(tmp_path / "svc.py"), text)
    log_import_error(error, "tomodachi.watcher")

    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("tomodachi.watcher", message)
    assert record.__dict__["logger.context"] == {"error_location": "./svc.py:2"}
    assert record.exc_info == (type(error), error, None)


def test_a_missing_package_is_named_on_standard_output_too(caplog, capsys):
    log_import_error(raised("svc.py", "import nothing_of_the_kind"))

    assert "uncaught exception: No module named 'nothing_of_the_kind'" in caplog.text
    assert capsys.readouterr().out == (
        "\n[fatal error] The 'nothing_of_the_kind' package is missing or cannot be imported.\n\n"
    )


def test_other_errors_are_uncaught_exceptions_and_a_refused_folder_is_told_already(caplog):
    log_import_error(raised("svc.py", "1 / 0"))
    log_import_error(ServicePackageError("os"))

    assert [record.getMessage() for record in caplog.records] == [
        "uncaught exception: division by zero"
    ]
    assert syntax_error_location(ValueError()) == ""
