"""How the documentation is built: `sphinx-build -W -b html docs docs/_build` (extra `docs`)."""

from __future__ import annotations

project = "tomodachi-testkit"
author = "The tomodachi-testkit maintainers"
extensions = ["myst_parser"]
html_theme = "furo"
exclude_patterns = ["_build", "changelog.d"]
myst_heading_anchors = 3
