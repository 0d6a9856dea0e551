"""The AWS wire: requests in, responses out, driven by botocore's service models; no I/O."""
