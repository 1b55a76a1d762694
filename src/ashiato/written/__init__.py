"""Files that people write by hand, in YAML: read safely, held against a schema, each fault located."""
