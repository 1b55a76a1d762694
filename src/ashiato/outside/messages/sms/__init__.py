"""Short messages: counted in segments, numbers checked, handed to a gateway over HTTP or through Apprise."""
