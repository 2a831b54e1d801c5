"""The event logic: the one small language that every query and every rule is lowered to."""
