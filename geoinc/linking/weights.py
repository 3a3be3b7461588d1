"""How much each piece of evidence counts: a logistic regression, fitted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoinc.linking.evidence import FEATURES
from geoinc.linking.rivals import rivals_in_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoinc.linking.evidence import Evidence

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

#: From this probability on accounts are joined; are likelier one than two; may be one.
JOINED, LIKELY, POSSIBLE = 0.9, 0.5, 0.1

#: Fitted by ``benchmarks/linking.py`` on accounts made from events of UCDP GED (Sundberg & Melander
#: 2013), whose page (docs/linking.md) says how they were made and how well it does on unseen ones.
INTERCEPT = 4.137
RIVALS_IN_ALL = -0.448
#: What no made account tells has no fitted weight.  It is given the least that any agreement in words
#: was fitted to, and may only support.
BY_REASON = {"also agrees": 0.1}
WEIGHTS = {
    "apart": -1.383,
    "far apart": -4.195,
    "coarse": -0.117,
    "coarser": -0.074,
    "no place": -1.692,
    "name": 0.277,
    "days apart": -2.124,
    "two days apart": -1.077,
    "days apart in one report": -5.478,
    "days before": -0.092,
    "no single day": -0.611,
    "published apart": -0.878,
    "rivals near": -0.569,
    "counts differ": -1.926,
    "counts near": 0.95,
    "counts agree": 0.38,
    "kind agrees": 0.229,
    "target agrees": 0.371,
    "side agrees": 0.058,
    "actor agrees": 0.138,
    "kind differs": -1.361,
    "target differs": -0.483,
    "side differs": -0.728,
    "actor differs": -0.403,
    "also agrees": 0.1,
    "one report": 0.948,
    "one teller": -0.834,
    "one teller otherwise": -6.127,
}


#: What is told to a month or more is never sure: an attack that no row tells of may be meant.
_NOT_SURE = 0.89
#: What a report tells apart in words is for a reader to decide: possible, never likely.
_FOR_A_READER = 0.49


def probability(n: int, one: Ints, other: Ints, evidence: Evidence) -> Floats:
    """Return the probability that each pair of n accounts tells of one incident."""
    score = INTERCEPT + evidence.features @ np.array([WEIGHTS[name] for name in FEATURES])
    score += RIVALS_IN_ALL * rivals_in_all(n, one, other, score)
    p = 1 / (1 + np.exp(-score))
    p = np.where(evidence.dated_widely, np.minimum(p, _NOT_SURE), p)
    return np.asarray(np.where(evidence.told_apart, np.minimum(p, _FOR_A_READER), p))
