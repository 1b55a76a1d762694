"""What both applications share: people who sign in, pages and programs' ways to records, and their faults."""
