"""Names of months, as tables in English, Arabic, French and Persian write them."""

from __future__ import annotations

import re

#: In English, from January; tables abbreviate them.
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip

# In Arabic the Levant, Egypt and the Maghreb have names of their own; Persian writes the French ones.
_ELSEWHERE = (
    "janvier janv يناير جانفي ژانویه كانون الثاني",
    "février fevrier févr fevr fév fev فبراير فيفري شباط فوریه",
    "mars مارس آذار اذار",
    "avril avr أبريل ابريل أفريل افريل نيسان آوریل",
    "mai مايو ماي أيار ايار مه",
    "juin يونيو جوان حزيران ژوئن",
    "juillet juil يوليو جويلية تموز ژوئیه",
    "août aout أغسطس اغسطس أوت اوت آب اب",
    "septembre سبتمبر أيلول ايلول سپتامبر",
    "octobre أكتوبر اكتوبر تشرين الأول تشرين الاول اکتبر",
    "novembre نوفمبر تشرين الثاني نوامبر",
    "décembre decembre déc ديسمبر كانون الأول كانون الاول دسامبر",
)
#: Names in two words.
_PAIRS = (
    "كانون الثاني",
    "كانون الأول",
    "كانون الاول",
    "تشرين الثاني",
    "تشرين الأول",
    "تشرين الاول",
)


def _names() -> dict[str, int]:
    numbers = {}
    for number, words in enumerate(_ELSEWHERE, 1):
        for pair in _PAIRS:
            if pair in words:
                numbers[pair] = number
                words = words.replace(pair, "")  # noqa: PLW2901  # what is left is single words
        numbers |= dict.fromkeys(words.split(), number)
    for number, month in enumerate(MONTHS, 1):
        # "sept", "mar", "march": from three letters on the beginning tells.
        numbers |= {month[:letters]: number for letters in range(3, len(month) + 1)}
    return numbers


NUMBERS = _names()

#: Any name of a month; the longer ones first.
MONTH = rf"(?:{'|'.join(sorted(map(re.escape, NUMBERS), key=len, reverse=True))})(?![^\W\d_])"
