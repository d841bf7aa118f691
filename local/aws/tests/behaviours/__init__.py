"""What AWS does, one module for each patch: ``holds(aws)`` raises where the emulator does otherwise."""
