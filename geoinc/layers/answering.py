"""Each distinct question of a table answered once: by an analyst, by the words, by the table."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from geoinc.decisions import applying
from geoinc.errors import GeoincError, Problem, SchemaError
from geoinc.georeferencing import Resolution, georeference
from geoinc.layers.deciding import decided_answer
from geoinc.localities import ANAPHORA
from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from geoinc.decisions import Decision
    from geoinc.gazetteer import Search
    from geoinc.layers.context import About
    from geoinc.places import Place


class Question(NamedTuple):
    """The words of a place with all that may change the answer."""

    words: str
    country: str  # a hint that the account gives
    leaning: str  # a country that may choose between homonyms, and no more
    admin1: str
    admin2: str
    year: int  # 0 where it is not told
    target: str  # place_id of the row's target, where the words point at it
    decision: int  # number of the decision that an analyst made, -1 for none


class Answers:
    """The answers to the questions of a table; a question that is asked again costs nothing.

    Parameters
    ----------
    gazetteer : Search
        The places.
    decisions : sequence of Decision
        What analysts have decided.
    """

    def __init__(self, gazetteer: Search, decisions: Sequence[Decision]) -> None:
        self._gazetteer = gazetteer
        self._decisions = decisions
        self._known: dict[Question, Resolution] = {}
        self._places: dict[str, Place] = {}
        self._faults: dict[int, str] = {}

    def decided(
        self,
        role: str,
        words: np.ndarray[Any, Any],
        said: Mapping[str, np.ndarray[Any, Any]],
        file: str,
    ) -> np.ndarray[Any, Any]:
        """Return the number of the decision that is made for each of the words, -1 for none."""
        return applying(self._decisions, words, role=role, said=said, file=file)

    def to(self, questions: list[Question], role: str) -> list[Resolution]:
        """Return the answer to each question, with a progress bar where many are new.

        Parameters
        ----------
        questions : list of Question
            Those of a role.
        role : str
            Said beside the bar.
        """
        new = [question for question in questions if question not in self._known]
        # A gazetteer of files is faster while they are kept as they are.
        reading = getattr(self._gazetteer, "reading", nullcontext)
        with reading():
            for question in watched(new, f"placing {role}s", len(new)):
                self._known[question] = self._kept(self._answer(question))
        return [self._known[question] for question in questions]

    def in_context(self, questions: list[Question], role: str, about: About) -> list[Resolution]:
        """Return the answers, those that were ambiguous chosen by what the table is about.

        Parameters
        ----------
        questions : list of Question
            Those of a role.
        role : str
            Said beside the bar.
        about : About
            Where the sure names of the table lie.
        """
        answers = self.to(questions, role)
        for number, (question, answer) in enumerate(zip(questions, answers, strict=True)):
            if answer.status == "ambiguous" and answer.match != "decision":
                answers[number] = self._kept(self._chosen(question, about) or answer)
        return answers

    def _kept(self, answer: Resolution) -> Resolution:
        """Return an answer, its place kept for words that point at it."""
        if answer.place is not None:
            self._places[answer.place.place_id] = answer.place
        return answer

    def tell_faults(self, errors: Literal["coerce", "raise"]) -> None:
        """Warn of decisions that could not be used, or raise SchemaError for all of them."""
        if self._faults and errors == "raise":
            problems = [Problem(None, "decision", "", fault) for fault in self._faults.values()]
            msg = f"{len(problems)} decisions cannot be used; the first: {problems[0].why}"
            raise SchemaError(msg, problems)
        for fault in self._faults.values():
            warnings.warn(fault, stacklevel=3)

    def _answer(self, question: Question) -> Resolution:
        number = question.decision
        if number >= 0 and number not in self._faults:
            try:
                return decided_answer(
                    self._decisions[number],
                    question.words,
                    self._gazetteer,
                    country=question.country,
                    admin1=question.admin1,
                    admin2=question.admin2,
                )
            except (GeoincError, ValueError) as error:
                self._faults[number] = f"{self._decisions[number].origin}: {error}"
        answer = self._ask(question, question.country)
        if answer.status == "ambiguous" and question.leaning:
            again = self._ask(question, question.leaning)
            # Only where it chooses: a launch is not to be placed in the target's country.
            answer = again if again.status == "resolved" else answer
        return answer

    def _ask(self, question: Question, country: str, admin1: str = "") -> Resolution:
        target = self._places.get(question.target)
        return georeference(
            question.words,
            self._gazetteer,
            context=dict.fromkeys(ANAPHORA, target) if target is not None else None,
            country=country,
            admin1=question.admin1 or admin1,
            admin2=question.admin2,
            date=str(question.year) if question.year else "",
        )

    def _chosen(self, question: Question, about: About) -> Resolution | None:
        """Return the one of several places that lies where the table does, None of none or two."""
        country, admin1 = about.province
        own = question.country or question.leaning
        found = {}
        # Where the row says which country, the table has no more to say of that.
        for code in () if own else about.countries:
            answer = self._ask(question, code)
            if answer.status == "resolved" and answer.place is not None:
                found[answer.place.place_id] = answer, code
        if not found and admin1 and not question.admin1 and own in {"", country}:
            answer = self._ask(question, country, admin1)
            if answer.status == "resolved" and answer.place is not None:
                found[answer.place.place_id] = answer, admin1
        if len(found) != 1:
            return None
        ((answer, where),) = found.values()
        reason = f"check: the table is about {where}; {answer.reason.partition(': ')[2]}"
        place = replace(answer.place, reason=reason) if answer.place is not None else None
        return replace(answer, place=place, reason=reason)
