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
INTERCEPT = 3.977
WEIGHTS = {
    "apart": -1.927,
    "coarse": -0.169,
    "coarser": -0.136,
    "no place": -2.429,
    "one place": -0.352,
    "name": 0.285,
    "days apart": -2.045,
    "wide days apart": -0.329,
    "days apart in one report": -4.445,
    "days before": -0.445,
    "days wide": -0.142,
    "days both wide": -0.053,
    "rivals": -0.873,
    "counts differ": -2.181,
    "counts agree": 0.342,
    "kind agrees": 0.249,
    "target agrees": 0.236,
    "actor agrees": 0.177,
    "kind differs": -1.4,
    "target differs": -0.876,
    "actor differs": -0.366,
    "one teller": -3.811,
}


def probability(features: Floats) -> Floats:
    """Return the probability that each pair of accounts tells of one incident."""
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    return np.asarray(1 / (1 + np.exp(-(INTERCEPT + features @ weights))))
