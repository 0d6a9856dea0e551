"""The fake KMS: keys and aliases, as far as SQS and SNS ask about them; pure."""
