"""Honest traffic: customers who see their own records, staff at work, a partner, and who asks for health."""
