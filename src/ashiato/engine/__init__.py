"""The ground floor: facts from evidence. No web framework, no network."""
