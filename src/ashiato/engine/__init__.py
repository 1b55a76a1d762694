"""The ground floor: facts from evidence. No web framework, no network."""

import os

# numpy's algebra library starts a thread per processor that spins while it waits; nothing here needs algebra.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - the library reads it from here alone
