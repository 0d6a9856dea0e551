"""Metrics as text that Prometheus scrapes: families of samples with labels.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(slots=True)
class Family:
    """Samples of one name.

    Attributes:
        kind: "counter", "gauge" or "untyped".
        samples: Labels as they are written, and values.
    """

    name: str
    kind: str
    what: str
    samples: list[tuple[str, float]] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """A further sample."""
        pairs = ",".join(f'{name}="{text.translate(_ESCAPES)}"' for name, text in labels.items())
        self.samples.append((f"{{{pairs}}}" if pairs else "", value))


class Exposition:
    """Families in the order in which they were added."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def counter(self, name: str, what: str) -> Family:
        """A number that only grows; its name ends in `_total`."""
        return self._family(name, "counter", what)

    def gauge(self, name: str, what: str) -> Family:
        """A number that comes and goes."""
        return self._family(name, "gauge", what)

    def info(self, name: str, what: str) -> Family:
        """A fact: labels of a 1, or a 1 while it holds."""
        return self._family(name, "untyped", what)

    def _family(self, name: str, kind: str, what: str) -> Family:
        return self._families.setdefault(name, Family(name, kind, what))

    def text(self) -> str:
        """Everything, as it is scraped."""
        lines: list[str] = []
        for family in self._families.values():
            lines.append(f"# TYPE {family.name} {family.kind}")
            lines.append(f"# HELP {family.name} {family.what}")
            lines += [f"{family.name}{labels} {_number(value)}" for labels, value in family.samples]
        return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
