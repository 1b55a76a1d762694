"""The command line: arguments in, plain text or JSON out; every verb in its own file."""
