"""The parts of the account view."""
