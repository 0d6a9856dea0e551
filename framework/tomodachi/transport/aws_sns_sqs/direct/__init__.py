"""The calls that a service makes all the time, without botocore's general machinery.

What botocore does for a call it does anew each time: read the operation's model, resolve the endpoint,
emit a dozen events, serialise by model, sign, parse by model. That is four fifths of a publish's CPU.
Here the first call of each kind goes through botocore, and the request it sent becomes the pattern for
the next ones (`pattern.py`): its address and headers as they are, with its own body (`operations.py`),
date and signature (`sigv4.py`), through the same HTTP session. The pattern is only used if it
reproduces botocore's own request, octet by octet. Whatever is unusual stays with botocore (`calls.py`).
"""

from __future__ import annotations

from tomodachi.transport.aws_sns_sqs.direct.calls import DirectCalls
from tomodachi.transport.aws_sns_sqs.direct.session import ObservedSession

__all__ = ["DirectCalls", "ObservedSession"]
