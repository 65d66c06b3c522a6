"""Monitoring: did the process break, did the model drift, or did the customers change?

readings.py    one look at history: counts per day, by intent and by feature
drift.py       how far a distribution moved, against what chance alone would do
seasons.py     contacts expected on a day, from weekday, start of the month and holidays
vocabulary.py  words that rise and that the reference never had
control.py     control charts with a simulated decision interval
compare.py     exact comparisons of a week with the reference
symptoms.py    what is unusual in one week, knowing only what came before it
causes.py      which cause explains the symptoms, by the table in causes.toml
watch.py       the walk over all weeks, which joins weeks of one cause into an episode
report.py      what all of this says, in words
"""
