"""Amazon SNS in memory: all operations, filtering and fan-out, no I/O."""
