"""Mutation: deliberate small changes of a rule, and whether its fixture notices them."""
