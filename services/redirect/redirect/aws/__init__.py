"""The little of AWS that a redirect needs, by hand: a cold start cannot wait for boto3 (ADR 0014)."""
