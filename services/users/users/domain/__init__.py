"""The rules about users, free of AWS."""
