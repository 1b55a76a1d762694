"""What leaves the engine: CSV files, summary.json, the timeline and the report.

Reads the tables of one run; writes files that anyone may open. Log content is hostile here: CSV
cells follow ``exports.cell``, pages escape, the PDF takes text as data.
"""
