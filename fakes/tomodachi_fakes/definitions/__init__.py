"""Files that say what shall exist from the start: our own TOML, and those of other brokers and fakes."""
