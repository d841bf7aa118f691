"""Count every click once, and report the counts to the links' owners."""
