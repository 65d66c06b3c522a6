"""How far the assistant may be trusted: promises about thresholds, and competence against stakes.

evidence       judged answers, and what confidence they had
guarantee      from a promise to the lowest threshold that keeps it
rehearsal      how often a promise would break on small samples
label_shift    whether customers still want what they wanted then
renewal        promising again after they may have changed
competence     which level each intent has earned
calibration    whether confidence means what it says
overconfident  where it does not
"""
