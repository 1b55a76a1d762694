"""Lists of people to be called, each with what is to be said."""
