"""Protobuf messages of the envelopes."""
