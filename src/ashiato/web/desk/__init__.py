"""The desk's pages: one list, one screen for a whole call, one for whoever leads."""
