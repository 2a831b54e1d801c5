"""What every test shares: how long Hypothesis looks. `pytest --hypothesis-profile=thorough` looks longer."""

from __future__ import annotations

from hypothesis import settings

# a first example compiles patterns and builds tables: no deadline tells anything about the code
settings.register_profile("quick", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=5000, deadline=None)
settings.load_profile("quick")
