"""Judging: pure functions from what rule and targets answer to verdicts."""
