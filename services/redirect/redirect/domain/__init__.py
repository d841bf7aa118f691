"""The rules of following a link, free of AWS and of HTTP servers."""
