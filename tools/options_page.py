"""Write the page that lists every option of a service, from the classes that define them.

    python -m tools.options_page [--check]

What an option does is said once, in the docstring of its section. `--check` only compares; the exit code is 1
when the page is not what would be written.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tomodachi.options import Options
from tomodachi.options.fields import KeySpec
from tomodachi.options.interface import OptionsInterface

PAGE = Path(__file__).parent.parent / "docs" / "options.md"
_HEAD = """# Options

Written by `python -m tools.options_page`; a test keeps it current. A service says what it wants in its class
attribute `options`:

```python
class Service(tomodachi.Service):
    name = "example"
    options = tomodachi.Options(
        http=tomodachi.Options.HTTP(port=8080, keepalive_timeout=5),
        amqp=tomodachi.Options.AMQP(host="rabbit.internal", qos={"queue_prefetch_count": 20}),
        **{"aws_sns_sqs.region_name": "eu-west-1"},
    )
```

Sections are instances of their classes or dicts, and dotted keys work too. A value is read as
`options.http.port`, `options["http.port"]` or `options.get("http.port")`. A value of a wrong type, or out of its
range, is refused where it is set, with the key, the value and what is allowed. `repr` shows secrets as `****`.

None, "" and False may be three different things: for a KMS key, None changes nothing, "" and False switch encryption
off.
"""
_ATTRIBUTE = re.compile(r"^(\w+): (.*(?:\n    .*)*)", re.M)


def page() -> str:
    """The page's whole text."""
    return _HEAD + "".join(f"{line}\n" for line in _lines(Options))


def _lines(kind: type[OptionsInterface]) -> Iterator[str]:
    if kind is not Options:
        yield from _table(kind)
    for nested in kind._sections.values():
        yield from _lines(nested)


def _table(kind: type[OptionsInterface]) -> Iterator[str]:
    summary, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n")
    meanings = dict(_ATTRIBUTE.findall(inspect.cleandoc(rest.partition("Attributes:")[2])))
    yield ""
    yield f"## `{next(iter(kind._specs.values())).key.rpartition('.')[0]}`"
    yield ""
    yield summary
    yield ""
    yield "| option | what it does | default |"
    yield "|---|---|---|"
    for name, spec in kind._specs.items():
        meaning = " ".join(meanings[name].split()).replace("|", "\\|")
        yield f"| `{spec.key}` | {meaning} | {_default(spec)} |"


def _default(spec: KeySpec) -> str:
    if spec.key == "http.reuse_port":
        return "True on Linux"
    return f"`{spec.default!r}`"


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    wanted = page()
    if parser.parse_args().check:
        return 0 if PAGE.read_text(encoding="utf-8") == wanted else 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
