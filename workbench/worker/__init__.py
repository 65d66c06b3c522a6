"""Background work of one POC: jobs on a schedule, shared by any number of processes."""
