"""KPIs over contact facts: facts by SQL, metrics as data, intervals, baseline, charts."""
