"""The parts of the view that says what this is."""
