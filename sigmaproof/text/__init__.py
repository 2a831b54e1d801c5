"""Patterns over text: case rules, globs, regular expressions of every dialect, and linear matching.

Everything here is about one text at a time and knows neither fields nor languages. A front end reads a
pattern in its own dialect into a `Glob` or a `Regex`; from there on all dialects are the same thing.
"""
