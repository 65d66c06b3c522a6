"""Experiments measured: differences that may be looked at every day, and what to do about them.

observations   contacts of an experiment, in order of time, with running sums per arm
sequences      confidence sequences: intervals that hold at all looks at once
exact          the same for shares with few cases, at every n
split          did customers fall to the arms as planned?
planning       how many contacts, how many days
verdict        stop, continue or ship, in words
report         everything about one experiment
shadow         what another policy would have decided
peeking        why a test for one look must not be looked at every day
"""
