"""The fake STS: who is calling; pure."""
