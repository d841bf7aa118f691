"""What a link is and what it may be: pure, no AWS, no HTTP."""
