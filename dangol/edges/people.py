"""Who uses the page: the person of a request, and the people of a file with their roles and hashed passwords."""

import json
import os
import re
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dangol.answers.policy import Role
from dangol.errors import NoRightsError, SettingsError

NAME = re.compile(r"[\w.@+-]{1,64}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200


@dataclass(frozen=True)
class Person:
    name: str
    role: Role


LOCAL = Person("local", "admin")
"""Everyone, where the page is served on loopback without sign-in."""


def person_of(request: Any) -> Person:
    """Who sent a request of Starlette or of Gradio. Raises NoRightsError when nobody is signed in."""
    person = getattr(getattr(request, "state", None), "person", None)
    if not isinstance(person, Person):
        raise NoRightsError("nobody is signed in; sign in at /sign-in")
    return person


class People:
    """The people of a file; it is read anew whenever it changes, so a removed person is out at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hasher = PasswordHasher()
        self.stamp: tuple[int, int, int] | None = None
        self.entries: dict[str, dict[str, str]] = {}

    @cached_property
    def nobody(self) -> str:
        """A hash that no password fits."""
        return self.hasher.hash(secrets.token_hex())

    def find(self, name: str) -> Person | None:
        entry = self.read().get(name)
        return Person(name, role_of(entry["role"])) if entry else None

    def check(self, name: str, password: str) -> Person | None:
        """The person when the password is right. An unknown name takes as long as a wrong password."""
        name = normal(name)
        entry = self.read().get(name)
        try:
            self.hasher.verify(entry["password"] if entry else self.nobody, normal(password)[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return None
        return self.find(name) if entry else None

    def read(self) -> dict[str, dict[str, str]]:
        """By name: role and hash. Raises SettingsError when the file cannot be read, or by others too."""
        try:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            if stamp != self.stamp:
                self.entries, self.stamp = read_people(self.path, state.st_mode), stamp
        except FileNotFoundError:
            raise SettingsError(
                f"there is no {self.path}, so nobody may sign in; make it with dangol people add NAME --role viewer"
            ) from None
        return self.entries

    def add(self, name: str, role: str, password: str) -> bool:
        """Adds a person, or gives one another role and password: then it returns False.

        Raises SettingsError for a name, role or password that is not taken.
        """
        name, password = normal(name), normal(password)
        if not NAME.fullmatch(name):
            raise SettingsError(f"{name!r} is no name; take 1 to 64 letters, digits and . @ + - _")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise SettingsError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        entries = dict(self.read()) if self.path.exists() else {}
        is_new = name not in entries
        self.write(entries | {name: {"role": role_of(role), "password": self.hasher.hash(password)}})
        return is_new

    def remove(self, name: str) -> None:
        entries = dict(self.read())
        if entries.pop(normal(name), None) is None:
            raise SettingsError(f"there is nobody called {name!r} in {self.path}; dangol people list shows who is")
        self.write(entries)

    def write(self, entries: dict[str, dict[str, str]]) -> None:
        """The file appears whole or not at all, and only its owner can read it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(entries, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def read_people(path: Path, mode: int) -> dict[str, dict[str, str]]:
    if mode & 0o077:
        raise SettingsError(f"{path} can be read by others than its owner, expected mode 600; run chmod 600 {path}")
    try:
        entries = json.loads(path.read_text("utf-8"))
        return {name: {"role": role_of(one["role"]), "password": str(one["password"])} for name, one in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path} is no file of people ({type(error).__name__}); write it with dangol people add"
        ) from None


def role_of(text: str) -> Role:
    for role in get_args(Role):
        if text == role:
            return role  # type: ignore[no-any-return]
    raise SettingsError(f"{text!r} is no role; choose one of: {', '.join(get_args(Role))}")


def normal(text: str) -> str:
    """One form of a text that keyboards write in several, as Korean."""
    return unicodedata.normalize("NFKC", text)
