"""What the files of `--config` ask for, and what they say about the brokers' settings."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomodachi_fakes.cli.arguments import Arguments
    from tomodachi_fakes.definitions.declared import Declared
    from tomodachi_fakes.servers.fake_broker import BrokerSettings


def read_files(files: tuple[Path, ...]) -> list[Declared]:
    """What each file asks for.

    Raises:
        DefinitionsError: one cannot be read, or is not as it has to be.
    """
    if not files:
        return []
    # Imported with the first file: reading one costs more than the brokers' start.
    from tomodachi_fakes.definitions.files import read_file

    return [read_file(file) for file in files]


def settings_with(arguments: Arguments, declared: list[Declared]) -> BrokerSettings:
    """The settings; account and region are those of the files, where no flag says them."""
    settings = arguments.settings()
    account = next((one.account for one in declared if one.account), settings.account)
    region = next((one.region for one in declared if one.region), settings.region)
    return dataclasses.replace(
        settings, account=arguments.account or account, region=arguments.region or region
    )
