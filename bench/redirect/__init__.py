"""The redirect function beside the blueprint's, both as Lambda runs them."""
