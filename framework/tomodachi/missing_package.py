"""Says which package is missing, and how to install it, when a public name can't be resolved."""

from __future__ import annotations

import sys

_EXTRAS = {
    "google": "protobuf",
    "opentelemetry": "opentelemetry",
    "prometheus_client": "prometheus",
    "uvloop": "uvloop",
}


def explain(name: str, error: ModuleNotFoundError) -> None:
    """Print the diagnosis for `tomodachi.<name>`.

    Args:
        name: The public name that was asked for.
        error: What its module met.
    """
    package = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(package)
    what = f"tomodachi-testkit[{extra}]" if extra else package or "tomodachi-testkit"
    sys.stdout.write(
        f"Failed to resolve 'tomodachi.{name}': {error}.\n"
        f"The package '{package}' is not installed; it comes with: pip install '{what}'\n"
    )
    sys.stdout.flush()
