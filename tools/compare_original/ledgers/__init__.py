"""The known differences, a module for the kinds that belong together."""
