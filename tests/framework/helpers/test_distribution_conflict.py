from __future__ import annotations

import pytest

from tomodachi.helpers.distribution_conflict import conflict_text, conflicting_distributions


@pytest.fixture
def site_packages(tmp_path):
    """A place where another distribution has installed a `tomodachi`."""
    (tmp_path / "tomodachi").mkdir()
    (tmp_path / "tomodachi" / "__init__.py").write_text("")
    info = tmp_path / "other_tomodachi-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-tomodachi\nVersion: 1.0\n")
    (info / "RECORD").write_text("tomodachi/__init__.py,,\nother/__init__.py,,\n")
    return tmp_path


def test_another_distribution_with_our_import_name_is_found(site_packages):
    assert conflicting_distributions([str(site_packages)]) == ["other-tomodachi"]


def test_a_folder_that_no_distribution_has_installed_is_no_conflict(site_packages):
    (site_packages / "other_tomodachi-1.0.dist-info" / "RECORD").write_text("other/x.py,,\n")

    assert conflicting_distributions([str(site_packages)]) == []


def test_this_environment_has_none():
    assert conflicting_distributions() == []


def test_the_user_is_told_what_to_uninstall():
    assert "python -m pip uninstall a b" in conflict_text(["a", "b"])
