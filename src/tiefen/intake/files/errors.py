"""What can be wrong with a file as a whole. What is wrong with a row is a reject."""

from __future__ import annotations

from dataclasses import dataclass

from tiefen.kit.errors import TiefenError


@dataclass(eq=False)
class FileUnreadable(TiefenError):
    says = "The file cannot be read: {why}."

    why: str


@dataclass(eq=False)
class FileEmpty(TiefenError):
    says = "The file holds no rows."


@dataclass(eq=False)
class ArchiveUnsafe(TiefenError):
    says = "The archive is refused: {why}."

    why: str


@dataclass(eq=False)
class UnknownFormat(TiefenError):
    says = "There is no format called {format}."

    format: str


@dataclass(eq=False)
class ColumnMissing(TiefenError):
    says = "The column {column} is not in the file."

    column: str


@dataclass(eq=False)
class FieldUnmapped(TiefenError):
    says = "No column was found for: {fields}. Choose one."

    fields: str


@dataclass(eq=False)
class ImportNotFound(TiefenError):
    status = 404
    says = "There is no import {import_id}."

    import_id: str


@dataclass(eq=False)
class ImportState(TiefenError):
    status = 409
    says = "The import is {state}."

    state: str


@dataclass(eq=False)
class BadOption(TiefenError):
    says = "{option} cannot be {value}."

    option: str
    value: str
