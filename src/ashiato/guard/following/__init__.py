"""Following what is still being written: every line once, wherever the log was moved to meanwhile."""
