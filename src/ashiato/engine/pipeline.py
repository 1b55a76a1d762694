"""The only file that knows the order of the stages."""
