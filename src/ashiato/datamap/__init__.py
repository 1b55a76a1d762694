"""What an operator knows of a system: tables, people, routes, accounts, logs."""
