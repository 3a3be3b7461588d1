"""Answers of services, kept in an SQLite file: each is there for good when it is there at all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from geoinc.errors import GazetteerError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queries (
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, query TEXT NOT NULL, country TEXT NOT NULL,
  asked TEXT NOT NULL, UNIQUE (service, query, country));
CREATE TABLE IF NOT EXISTS answers (
  query_id INTEGER NOT NULL REFERENCES queries (id), place_id TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS answers_query ON answers (query_id);
CREATE INDEX IF NOT EXISTS answers_place ON answers (place_id);
"""


class Answer(NamedTuple):
    """One answer of a service, and the day it was given."""

    asked: str
    answer: dict[str, Any]


class Memory:
    """The file of answers; safe to use from threads and processes at once.

    Parameters
    ----------
    path : path
        The file; it is made where there is none.

    Raises
    ------
    GazetteerError
        The file is no SQLite file, or cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.executescript(_SCHEMA)

    def recall(self, service: str, query: str, country: str) -> list[Answer] | None:
        """Return the answers to a query, none of them if it had none, None if it was not asked."""
        asked = "SELECT id, asked FROM queries WHERE service = ? AND query = ? AND country = ?"
        with self._open() as connection:
            known = connection.execute(asked, (service, query, country)).fetchone()
            if known is None:
                return None
            rows = connection.execute("SELECT answer FROM answers WHERE query_id = ?", known[:1])
            return [Answer(known[1], json.loads(text)) for (text,) in rows]

    def keep(
        self, service: str, query: str, country: str, asked: str, answers: dict[str, dict[str, Any]]
    ) -> None:
        """Keep the answers to a query, by place, in one step: all or nothing."""
        into_queries = "INSERT OR IGNORE INTO queries VALUES (NULL, ?, ?, ?, ?)"
        into_answers = "INSERT INTO answers VALUES (?, ?, ?)"
        with self._open() as connection, connection:
            cursor = connection.execute(into_queries, (service, query, country, asked))
            if cursor.rowcount:  # another process may have asked the same at the same time
                rows = [
                    (cursor.lastrowid, place_id, json.dumps(answer, ensure_ascii=True))
                    for place_id, answer in answers.items()
                ]
                connection.executemany(into_answers, rows)

    def answer_of(self, service: str, place_id: str) -> Answer | None:
        """Return the answer that gave a place."""
        given = (
            "SELECT q.asked, a.answer FROM answers AS a JOIN queries AS q ON q.id = a.query_id "
            "WHERE a.place_id = ? AND q.service = ? ORDER BY a.rowid"
        )
        with self._open() as connection:
            row = connection.execute(given, (place_id, service)).fetchone()
        return None if row is None else Answer(row[0], json.loads(row[1]))

    def __len__(self) -> int:
        """Return how many queries are answered."""
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM queries").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection of its own, so that threads and forks are no matter."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as connection:
                yield connection
        except sqlite3.Error as error:
            msg = f"{str(self.path)!r} cannot be used to keep answers ({error})"
            raise GazetteerError(msg) from error
