"""Texts as they stand inside an event's XML."""

from __future__ import annotations

import re

from sigmaproof.convert.values import Unsayable
from sigmaproof.text.glob import Glob, Wild

_INSIDE_ENTITY = re.compile(r"(?:a?m?p|[lg]?t)?;")


def in_xml(text: str) -> str:
    """With entities for the signs of XML, as the event log writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def glob_in_xml(glob: Glob) -> Glob:
    """The glob of what its texts are in XML. Raises `Unsayable`."""
    if any(_INSIDE_ENTITY.match(part) for part in glob.parts if isinstance(part, str)):
        raise Unsayable("it may be found inside the XML's own signs")
    return Glob.of(*(part if isinstance(part, Wild) else in_xml(part) for part in glob.parts))
