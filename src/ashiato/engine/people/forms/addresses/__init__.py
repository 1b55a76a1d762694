"""Japanese addresses in their parts, by the post's own list of places."""
