"""Adapters to what stands outside the house: live databases, read through their own clients."""
