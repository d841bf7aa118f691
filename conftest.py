"""For every suite: what botocore knows of AWS's services is read from disk once.

moto makes boto3 forget its session each time it begins, and with it what was read: a sixth of a second for
every test that opens an AWS in memory.
"""

import functools
from contextlib import suppress

with suppress(ImportError):  # the command line's creators need no boto3
    import botocore.session

    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
