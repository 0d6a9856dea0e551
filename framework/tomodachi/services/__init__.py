"""Service classes: the base class, its metaclass, and the register of running services."""

from __future__ import annotations
