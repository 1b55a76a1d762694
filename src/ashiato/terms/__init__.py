"""The basement: the words every floor shares. Standard library only."""
