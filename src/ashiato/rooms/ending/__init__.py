"""How a break-in ended: what plans of containment hold closed, whether it is over, and the time figures.

Above the watch and containment, which know nothing of each other: what a plan stopped is looked up among what
the intruder used. Figures stay in the database when the case's folder is gone.
"""
