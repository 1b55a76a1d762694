"""Sigma rules over any table of events: read, compiled, and run all in one pass.

``rule_files`` reads folders of rules, filters and correlations into a ``RuleSet``, pySigma parsing; what
cannot be used is refused by file and line and costs no other rule. ``scanning`` runs all rules of a table
over Arrow batches: each distinct value of a column meets all patterns of all rules at once, and only what
those let through is evaluated. ``correlating`` finds what repeats, in its order and windows. What each
construct means is said in ``predicates`` and ``correlations``, and in docs/guides/detection.md.
"""
