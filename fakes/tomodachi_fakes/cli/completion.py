"""`svc-fake-broker completion bash|zsh|fish`: a script that completes commands and flags."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from tomodachi_fakes.cli.printing import say

SHELLS = ("bash", "zsh", "fish")


def completion(arguments: argparse.Namespace, words: Mapping[str, Sequence[str]]) -> int:
    """Print the script; `words` are what may follow each command ("" for the program itself)."""
    scripts = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    say(scripts[arguments.shell](words))
    return 0


def _bash(words: Mapping[str, Sequence[str]]) -> str:
    cases = "\n".join(
        f"    {command}) words='{' '.join(following)}' ;;"
        for command, following in words.items()
        if command
    )
    return f"""_svc_fake_broker() {{
  local words='{" ".join(words[""])}'
  case "${{COMP_WORDS[1]}}" in
{cases}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words='{" ".join(words[""])}'
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _svc_fake_broker svc-fake-broker"""


def _zsh(words: Mapping[str, Sequence[str]]) -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash(words)}"


def _fish(words: Mapping[str, Sequence[str]]) -> str:
    lines = [
        f"complete -c svc-fake-broker -n __fish_use_subcommand -a '{' '.join(words[''])}'",
        *(
            f"complete -c svc-fake-broker -n '__fish_seen_subcommand_from {command}' "
            f"-a '{' '.join(following)}'"
            for command, following in words.items()
            if command and following
        ),
    ]
    return "\n".join(lines)
