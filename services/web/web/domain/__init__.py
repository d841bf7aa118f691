"""What this service knows, without AWS and without HTTP."""
