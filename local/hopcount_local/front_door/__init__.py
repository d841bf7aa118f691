"""One origin that behaves as the CDN will: the site and the HTTP API behind one host."""
