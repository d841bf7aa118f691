"""Between the app and any backend: what it may ask, two ways to answer, how it retries."""
