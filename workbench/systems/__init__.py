"""Systems of record and action: what flows may ask of them, and the adapters that answer."""
