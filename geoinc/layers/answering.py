"""Each distinct question of a table answered once: by an analyst, by the words, by the table."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from geoinc.errors import GeoincError, Problem, SchemaError
from geoinc.georeferencing import Resolution, georeference
from geoinc.layers.context import about_of
from geoinc.layers.deciding import decided_answer
from geoinc.localities import ANAPHORA
from geoinc.matching import same_then
from geoinc.places import places_frame
from geoinc.progress import watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from geoinc.decisions import Decision
    from geoinc.gazetteer import Search
    from geoinc.layers.asking import Asked, Question
    from geoinc.layers.context import About
    from geoinc.places import Place


class Answers:
    """The answers to the questions of a table; a question that is asked again costs nothing.

    Parameters
    ----------
    gazetteer : Search
        The places.
    decisions : sequence of Decision
        What analysts have decided.

    Attributes
    ----------
    faults : dict of int to str
        Why decisions cannot be used, by their numbers.
    """

    def __init__(self, gazetteer: Search, decisions: Sequence[Decision]) -> None:
        self._gazetteer = gazetteer
        self._decisions = decisions
        self._known: dict[Question, Resolution] = {}
        self._places: dict[str, Place] = {}
        # Tables tell of the same places in many years, and few places are of some years only.
        self._by_year: dict[tuple[str, ...], list[tuple[str, Resolution]]] = {}
        self.faults: dict[int, str] = {}

    def point_at(self, targets: Iterable[Place]) -> None:
        """Say where the targets are, for words that point at one ("the base")."""
        self._places = {place.place_id: place for place in targets}

    def to(self, questions: Sequence[Question], role: str) -> list[Resolution]:
        """Return the answer to each question, with a progress bar where many are new.

        Parameters
        ----------
        questions : sequence of Question
            Those of a role.
        role : str
            Said beside the bar.
        """
        new = [question for question in dict.fromkeys(questions) if question not in self._known]
        self._known |= zip(new, self.looked_up(new, role), strict=True)
        return [self._known[question] for question in questions]

    def in_context(
        self, questions: Sequence[Question], answers: Sequence[Resolution], about: About
    ) -> list[Resolution]:
        """Return answers, those that were ambiguous chosen by what the table is about.

        Parameters
        ----------
        questions : sequence of Question
            Those of a role.
        answers : sequence of Resolution
            The answers to them.
        about : About
            Where the sure names of the table lie.
        """
        doubtful = dict.fromkeys(
            question
            for question, answer in zip(questions, answers, strict=True)
            if answer.status == "ambiguous" and answer.match != "decision"
        )
        chosen = dict(zip(doubtful, self.chosen(list(doubtful), about), strict=True))
        return [
            chosen.get(question) or answer
            for question, answer in zip(questions, answers, strict=True)
        ]

    def looked_up(self, questions: Sequence[Question], role: str) -> list[Resolution]:
        """Return the answers to questions that were not asked before."""
        # A gazetteer of files is faster while they are kept as they are.
        reading = getattr(self._gazetteer, "reading", nullcontext)
        with reading():
            return [
                self._answer(question)
                for question in watched(questions, f"placing {role}s", len(questions))
            ]

    def chosen(self, questions: Sequence[Question], about: About) -> list[Resolution | None]:
        """Return the one of several places that lies where the table does, None of none or two."""
        return [self._chosen(question, about) for question in questions]

    def tell_faults(self, errors: Literal["coerce", "raise"]) -> None:
        """Warn of decisions that could not be used, or raise SchemaError for all of them."""
        if self.faults and errors == "raise":
            problems = [Problem(None, "decision", "", fault) for fault in self.faults.values()]
            msg = f"{len(problems)} decisions cannot be used; the first: {problems[0].why}"
            raise SchemaError(msg, problems)
        for fault in self.faults.values():
            warnings.warn(fault, stacklevel=3)

    def _answer(self, question: Question) -> Resolution:
        number = question.decision
        if number >= 0 and number not in self.faults:
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
                self.faults[number] = f"{self._decisions[number].origin}: {error}"
        answer = self._ask(question, question.country)
        if answer.status == "ambiguous" and question.leaning:
            again = self._ask(question, question.leaning)
            # Only where it chooses: a launch is not to be placed in the target's country.
            answer = again if again.status == "resolved" else answer
        return answer

    def _ask(self, question: Question, country: str, admin1: str = "") -> Resolution:
        admin1, admin2 = question.admin1 or admin1, question.admin2
        year = str(question.year) if question.year else ""
        asked = question.words, country, admin1, admin2, question.target
        known = self._by_year.setdefault(asked, [])
        for then, answer in known:
            if same_then(year, then, answer.turns):
                return answer
        target = self._places.get(question.target)
        answer = georeference(
            question.words,
            self._gazetteer,
            context=dict.fromkeys(ANAPHORA, target) if target is not None else None,
            country=country,
            admin1=admin1,
            admin2=admin2,
            date=year,
        )
        known.append((year, answer))
        return answer

    def _chosen(self, question: Question, about: About) -> Resolution | None:
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


def answers_to(
    asked: Mapping[str, Asked], answers: Answers, *, context: bool
) -> dict[str, list[Resolution]]:
    """Return the answers to what each role of a table asks; targets first: the others point at them.

    Parameters
    ----------
    asked : mapping of str to Asked
        What the whole table asks, by role.
    answers : Answers
        Where they come from.
    context : bool
        Whether what is ambiguous is chosen by what the table is about.
    """
    found = {"target": answers.to(asked["target"].questions, "target")}
    answers.point_at(answer.place for answer in found["target"] if answer.place is not None)
    questions = {role: asked[role].of(found["target"]) for role in ("launch", "impact")}
    for role, asked_so in questions.items():
        found[role] = answers.to(asked_so, role)
    about = about_of(_different(found)) if context else None
    if about is not None:
        found["target"] = answers.in_context(asked["target"].questions, found["target"], about)
        answers.point_at(answer.place for answer in found["target"] if answer.place is not None)
        for role, before in questions.items():
            again = asked[role].of(found["target"])
            if again != before:  # another target is pointed at
                found[role] = answers.to(again, role)
            found[role] = answers.in_context(again, found[role], about)
    return found


def _different(found: Mapping[str, Sequence[Resolution]]) -> dict[Resolution, None]:
    """Return the answers of all roles, one that several questions have once."""
    return dict.fromkeys(answer for role in found.values() for answer in role)


def places_found(found: Mapping[str, Sequence[Resolution]]) -> gpd.GeoDataFrame:
    """Return the places that the answers of all roles come to, each once."""
    return places_frame(answer.place for answer in _different(found) if answer.place is not None)
