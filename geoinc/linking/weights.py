"""How much each piece of evidence counts: a logistic regression, fitted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoinc.linking.evidence import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: From this probability on accounts are joined; are likelier one than two; may be one.
JOINED, LIKELY, POSSIBLE = 0.9, 0.5, 0.1
#: A pair below this keeps the groups apart that it is in.
APART = 0.02

#: Fitted by ``benchmarks/linking.py`` on accounts made from events of UCDP GED (Sundberg & Melander
#: 2013), whose page (docs/linking.md) says how they were made and how well it does on unseen ones.
INTERCEPT = 4.19
WEIGHTS = {
    "apart": -1.971,
    "coarse": -0.165,
    "coarser": -0.135,
    "no place": -2.159,
    "one place": -0.334,
    "name": 0.253,
    "days apart": -1.605,
    "wide days apart": -0.314,
    "days apart in one report": -5.594,
    "days before": -0.391,
    "days wide": -0.127,
    "days both wide": -0.051,
    "rivals": -0.859,
    "counts differ": -2.202,
    "counts agree": 0.333,
    "kind agrees": 0.239,
    "target agrees": 0.232,
    "actor agrees": 0.183,
    "kind differs": -1.383,
    "target differs": -0.896,
    "actor differs": -0.4,
    "one report": 1.598,
    "one teller": -3.215,
}


def probability(features: Floats) -> Floats:
    """Return the probability that each pair of accounts tells of one incident."""
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    return np.asarray(1 / (1 + np.exp(-(INTERCEPT + features @ weights))))
