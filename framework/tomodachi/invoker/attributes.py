"""Names of the attributes and keywords by which decorated methods are known and registered.

Third-party transports and tools look for them, so they never change.
"""

from __future__ import annotations

FUNCTION_ATTRIBUTE = "_tomodachi_function_is_invoker_function"
INVOKER_TASK_START_KEYWORD = "_tomodachi_invoker_task_start_keyword"
START_ATTRIBUTE = "_tomodachi_deprecated_invoker_function_start_marker"

# Set on a wrapper to itself. `functools.wraps` copies a function's attributes, so having
# FUNCTION_ATTRIBUTE does not tell an invoker's wrapper from a user's wrapper around one; this does.
WRAPPER_ATTRIBUTE = "_tomodachi_invoker_wrapper"
