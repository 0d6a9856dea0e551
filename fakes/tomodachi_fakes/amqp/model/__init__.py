"""The nouns behind the wire: virtual hosts, exchanges, queues, consumers; no frames, no I/O."""
