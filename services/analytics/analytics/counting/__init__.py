"""The counting engine: from a message to three counters, once per click whatever happens."""
