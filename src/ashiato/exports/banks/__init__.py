"""Lists of bank accounts for the banks that are asked to watch them."""
