"""Alarms on their way to staff: by mail, and by the services that Apprise knows."""
