"""Serve one instance: `python -m server`.

The garbage collector is off while modules load. It would find nothing then, and take a tenth of the start. What is
loaded stays until the end, so later collections leave it out.
"""

import gc

gc.disable()

from server.app import main  # noqa: E402

gc.freeze()
gc.enable()
main()
