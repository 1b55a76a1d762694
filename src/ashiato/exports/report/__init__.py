"""The report for people: one set of texts, laid out as a page (HTML) and on paper (PDF)."""
