"""The texts of the command line: usage, errors, suggestions. Nothing is wider than 80 columns."""

from __future__ import annotations

from collections.abc import Iterable

from tomodachi.helpers.colors import BLUE, BOLD, DIM, GREEN, RED, RESET, YELLOW

_OPTIONS = (
    ("--loop auto|asyncio|uvloop", "event loop implementation. (default: auto)"),
    (
        "--production",
        "disables service restart on file changes and hides the info\nbanner.",
    ),
    (
        "-l, --log-level debug|info|warning|error|critical",
        "the least level that is logged. (default: info)",
    ),
    (
        "--logger console|json|python|disabled",
        "how log lines look. (default: console)",
    ),
    (
        "--custom-logger <module>|<module.attribute>",
        "import path of a logger, logger class or logging module to use.",
    ),
    (
        "--opentelemetry-instrument",
        "instruments the services, and other libraries found, with\nOpenTelemetry.",
    ),
    (
        "-c, --config <file.json ...>",
        "configuration merged onto the services (deprecated).",
    ),
    ("-h, --help", "this text."),
    ("-v, --version", "the version."),
    ("--dependency-versions", "versions of the libraries that the runtime is built on."),
)
_EXAMPLES = (
    "tomodachi run --production --logger json --loop uvloop service/app.py",
    "tomodachi run --log-level warning --custom-logger app.logger app.py",
)


class Painter:
    """Wraps text in colours, or leaves it as it is."""

    def __init__(self, *, colors: bool) -> None:
        self._colors = colors

    def __call__(self, text: str, *styles: str) -> str:
        """The text in these styles."""
        return f"{''.join(styles)}{text}{RESET}" if self._colors else text


def usage(paint: Painter, version: str) -> str:
    """The text of `tomodachi --help`."""

    def title(text: str) -> str:
        return paint(text, YELLOW, BOLD)

    def command(text: str, style: str) -> str:
        return f"  {paint('$', DIM)} {paint(text, style)}"

    lines = [
        title("usage:"),
        command("tomodachi run [options] <service.py ...>", BOLD),
        "",
        title("description:"),
        "  starts the tomodachi service(s) defined in the files given as arguments.",
        "",
        title("options:"),
        *_options(paint),
        "",
        title("usage examples:"),
        *(command(example, BLUE) for example in _EXAMPLES),
        "",
        f"{paint('ver', DIM)} {version}",
        "",
    ]
    return "\n".join(lines)


def _options(paint: Painter) -> Iterable[str]:
    for option, text in _OPTIONS:
        yield f"  {paint(option, GREEN)}"
        yield from (f"      {line}" for line in text.split("\n"))


def error_text(paint: Painter, messages: Iterable[str], suggestion: str = "") -> str:
    """What is printed for a command line that cannot be run."""
    lines = [*(f"{paint('error:', RED)} {message}" for message in messages), ""]
    if suggestion:
        lines += [
            "maybe you intended to run something like this?",
            f"{paint('$', DIM)} {paint(suggestion, BLUE)}",
            "",
        ]
    lines += [
        "use the '--help' option for cli usage help.",
        f"{paint('$', DIM)} {paint('tomodachi --help', BLUE)}",
        "",
    ]
    return "\n".join(lines)
