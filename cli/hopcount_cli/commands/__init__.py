"""What creators do: one file for each group of commands. Each connects, asks the API, and prints."""
