"""Workspaces to work on."""

from tests.workspace_fixtures import (
    fixed_surroundings,
    furnished,
    furnished_template,
    small,
    small_template,
    ws,
)

__all__ = ["fixed_surroundings", "furnished", "furnished_template", "small", "small_template", "ws"]
