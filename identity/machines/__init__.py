"""Workers elsewhere: other processes and machines that do what they are sent (extra `cluster`). Only here is Dask."""
