"""What every test shares: how long Hypothesis looks, and a cache that outlives no run.

`pytest --hypothesis-profile=thorough` looks longer.
"""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

pytest_plugins = ["pytester"]

_CACHE = tempfile.TemporaryDirectory(prefix="sigmaproof-tests-")
os.environ["SIGMAPROOF_CACHE"] = _CACHE.name

# a first example compiles patterns and builds tables: no deadline tells anything about the code
settings.register_profile("quick", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=5000, deadline=None)
settings.load_profile("quick")
