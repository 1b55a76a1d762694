"""Publishing: what the public pages are given in signed bundles, and what people send back, sealed.

The console makes a bundle and takes letters; the public process is never asked, and asks nothing.
"""
