"""Commands that look at several rows: they become stages of a plan."""

from __future__ import annotations

from sigmaproof.languages.spl.pipe import Lower

RELATIONAL: dict[type, Lower] = {}
