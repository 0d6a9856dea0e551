"""Importing service files by path."""

from __future__ import annotations

from tomodachi.importer.importer import ServiceImporter, ServicePackageError

__all__ = ["ServiceImporter", "ServicePackageError"]
