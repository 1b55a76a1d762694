"""The console: one thin file per screen; facts from the engine's tables, decisions from the rooms."""
