"""What can go wrong, in sentences: what was found, what was expected, what to do next."""


class DangolError(Exception):
    """A failure that the user can act on. Doors print its text alone, without a traceback, and exit with 1."""


class SettingsError(DangolError):
    """A setting is missing, misspelt or out of its range."""


class SetupError(DangolError):
    """Something of the machine is missing: Java, jars, a free port, disk."""


class StoreError(DangolError):
    """The tables or the checkpoint under a store do not fit what was asked of them."""


class MissingTableError(StoreError):
    """A table is not there yet; `table` is its name."""

    def __init__(self, table: str, store: object) -> None:
        super().__init__(f"there is no table {table} under {store} yet; docs/tables.md says which command writes it")
        self.table = table


class QueryError(StoreError):
    """A query failed on tables that can be read."""


class SourceError(DangolError):
    """Orders cannot be read from, or sent to, where they were said to be."""


class ModelError(DangolError):
    """A model cannot be trained, found, loaded or promoted."""


class DraftRejectedError(DangolError):
    """What a language model wrote is not shown: something in it is no word and no known slot."""


class ModelUnavailableError(DangolError):
    """A language model does not answer, answers outside its schema, or must not be asked."""


class NoRightsError(DangolError):
    """A person may not see or do this, or nobody is signed in."""
