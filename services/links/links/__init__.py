"""Makes, shows, edits and deletes short links, and says so on the bus."""
