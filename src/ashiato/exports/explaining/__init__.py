"""Why one record has its grade: its fields, the raw lines that prove it, what they show, what is in doubt."""
