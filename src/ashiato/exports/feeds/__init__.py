"""What other tools take in: events as OCSF and for Timesketch, the incident as STIX."""
