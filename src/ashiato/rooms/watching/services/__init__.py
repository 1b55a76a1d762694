"""What the room writes: one file per thing it does."""
