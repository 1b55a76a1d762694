"""Everything that writes what happens at the desk."""
