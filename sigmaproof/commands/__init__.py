"""What the smaller commands do: from a configuration to (text, exit code)."""
