"""The public pages: a process of its own with a narrow store of its own, fed by signed bundles alone.

It knows no case, no engine and no room: what it does not hold, a break-in cannot take.
"""
