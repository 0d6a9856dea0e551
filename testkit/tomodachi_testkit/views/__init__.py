"""The brokers as a test sees them: look at them, publish to them, make them fail."""
