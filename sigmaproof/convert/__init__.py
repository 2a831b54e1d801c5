"""(rule, target) → query. The only place that imports pySigma, and it does so when first needed.

converter = Converter(target, index_model)     # InvalidInput: unknown backend, broken pipeline
converter.convert(rule, filters)               # Queries, or Refused with the reason
"""

from __future__ import annotations

from sigmaproof.convert.conversion import Conversion, Queries, Refused
from sigmaproof.convert.converter import Converter

__all__ = ["Conversion", "Converter", "Queries", "Refused"]
