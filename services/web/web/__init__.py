"""Say what the API is: its OpenAPI document, a page that shows it, where it is and where to sign in."""
