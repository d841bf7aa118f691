"""Parts of the views of links."""
