"""The command `tomodachi`: which sub-command is meant, what is printed, which exit code results.

Exit codes: 0 when all went well and for the informing commands, 2 for command lines that cannot be
run, otherwise what the services ended with. Messages go to standard output. Arguments of `run` are in
`arguments.py`, the running in `run.py`, texts in `usage.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NoReturn

from tomodachi.cli.arguments import RunArguments, parse
from tomodachi.cli.errors import UsageError
from tomodachi.helpers.context_variables import get_contextvar
from tomodachi.helpers.distribution_conflict import conflict_text, conflicting_distributions
from tomodachi.helpers.nearest import nearest

if TYPE_CHECKING:
    from tomodachi.cli.usage import Painter

__all__ = ["CLI", "RunArguments", "UsageError", "cli_entrypoint"]

_RUN = ("run", "start", "go")
_HELP = ("-h", "--help", "help")
_VERSION = ("-v", "-V", "--version", "version")
_DEPENDENCIES = ("--dependency-versions", "--dependencies", "--deps")

# Of the options of `run`, what may stand behind one of these; as in the original, nothing comes of it.
_BESIDE = (
    *("-l", "--log", "--log-level", "--logger", "--custom-logger"),
    *("--production", "--loop"),
)


class CLI:
    """The command line. Every method that is a command ends the process by `SystemExit`."""

    def main(self, argv: Sequence[str]) -> NoReturn:
        """Run the command that `argv`, the arguments after the program's name, asks for."""
        command, *rest = argv or ["--help"]
        if command in _RUN:
            self.run_command(rest)
        unknown = _unknown_beside(command, rest)
        if unknown:
            self._fail(_not_a_command([unknown]))
        if command in _HELP:
            self.help_command()
        if command in _VERSION:
            self.version_command()
        if command in _DEPENDENCIES:
            self.dependency_versions_command()
        error = _not_a_command(list(argv))
        self._fail(error, "invalid command or combination of command options.")

    def run_command(self, args: Sequence[str]) -> NoReturn:
        """`tomodachi run`: start the services of the files among `args`."""
        try:
            others = conflicting_distributions()
            if others:
                raise UsageError(conflict_text(others))
            arguments = parse(args, os.environ)
            if arguments.help or not args:
                self.help_command()
            if not arguments.service_files:
                raise UsageError("no service file has been provided as argument.")
            from tomodachi.cli.run import run

            get_contextvar("run.args").set(list(args))
            code = run(arguments)
        except UsageError as error:
            self._fail(error)
        sys.exit(code)

    def help_command(self) -> NoReturn:
        """`tomodachi --help`."""
        _print(self.help_command_usage())
        sys.exit(0)

    def help_command_usage(self) -> str:
        """The text of `tomodachi --help`."""
        # Texts are imported by those who read them: a start needs none.
        from tomodachi.cli.usage import usage
        from tomodachi.helpers.build_time import get_time_since_build

        age = get_time_since_build() or "local development version"
        return usage(_painter(), f"{_version()} ({age})")

    def version_command(self) -> NoReturn:
        """`tomodachi --version`."""
        _print(f"tomodachi {_version()}")
        sys.exit(0)

    def dependency_versions_command(self) -> NoReturn:
        """`tomodachi --dependency-versions`."""
        self.test_dependencies(fail_on_errors=False, output_versions=True)
        sys.exit(0)

    @classmethod
    def test_dependencies(
        cls,
        fail_on_errors: bool = True,  # noqa: FBT001 - the public signature
        output_versions: bool = False,  # noqa: FBT001 - the public signature
        output_errors: bool = True,  # noqa: FBT001 - the public signature
    ) -> dict[str, str | None]:
        """The installed version of each dependency, None for an absent one.

        Args:
            fail_on_errors: Exit with code 1 if one is absent that is needed.
            output_versions: Print those that are installed.
            output_errors: Print those that are needed and absent.
        """
        from tomodachi.cli.dependencies import NEEDED, versions

        found = versions()
        absent = [name for name in NEEDED if found[name] is None]
        if output_versions:
            for name, version in found.items():
                if version is not None:
                    _print(f"{name}/{version}")
        if output_errors:
            for name in absent:
                _print(f"Dependency failure: '{name}' is not installed")
        if absent and fail_on_errors:
            sys.exit(1)
        return found

    def _fail(self, error: UsageError, *before: str) -> NoReturn:
        from tomodachi.cli.usage import error_text

        _print(error_text(_painter(), [*before, error.message], error.suggestion))
        sys.exit(2)


def cli_entrypoint(argv: Sequence[str] | None = None) -> NoReturn:
    """The console script. `argv` starts with the program's name; `sys.argv` when left out."""
    CLI().main(list(sys.argv if argv is None else argv)[1:])


def _unknown_beside(command: str, rest: list[str]) -> str:
    """The first word among the options behind an informing option that is none; "" if there is none."""
    known = (*_HELP, *_VERSION, *_DEPENDENCIES, *_BESIDE)
    options = takewhile(lambda word: word.startswith("-"), rest)
    return next((word for word in options if command in known and word not in known), "")


def _not_a_command(argv: list[str]) -> UsageError:
    word = argv[0]
    options = [*_HELP, *_VERSION, *_DEPENDENCIES]
    if word.startswith("-") and not any(run in argv for run in _RUN):
        near = nearest(word, options)
        return UsageError(f"option {word} not recognized.", f"tomodachi {near}" if near else "")
    if word.startswith("-"):
        run = next(index for index, other in enumerate(argv) if other in _RUN)
        moved = ["run", *argv[:run], *argv[run + 1 :]]
        return UsageError(
            f"option {word} not recognized: options of 'run' stand after it.",
            f"tomodachi {' '.join(moved)}",
        )
    near = nearest(word, _RUN)
    if near and not word.endswith(".py"):
        return UsageError(f"no such command: '{word}'.", f"tomodachi {' '.join([near, *argv[1:]])}")
    return UsageError(
        "the command 'run' must be specified before any service files or options.",
        f"tomodachi run {' '.join(argv)}",
    )


def _version() -> str:
    import tomodachi

    return str(tomodachi.__version__)


def _painter() -> Painter:
    from tomodachi.cli.usage import Painter
    from tomodachi.helpers import colors

    return Painter(colors=colors.enabled(sys.stdout))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
