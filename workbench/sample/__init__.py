"""Synthetic data with known truths in it, the same bytes for the same seed.

- `make_sample(folder)`: a whole POC data set: records, history, transcripts
- `generate_contacts(1_000_000, 1, folder)`: a history of any length
- `TRUTHS`: what is planted in it
- `stories()`: what each demo customer is good for
"""

from workbench.sample.cast import stories
from workbench.sample.history import Generated, generate_contacts
from workbench.sample.making import make_sample
from workbench.sample.planted import TRUTHS, Truth

__all__ = ["TRUTHS", "Generated", "Truth", "generate_contacts", "make_sample", "stories"]
