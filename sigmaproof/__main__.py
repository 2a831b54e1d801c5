"""`python -m sigmaproof`."""

from sigmaproof.cli import main

main()
