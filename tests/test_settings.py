from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from dangol.errors import SettingsError
from dangol.settings import Settings, conf_folder, load_settings, typed


def test_base_yml_holds_every_default_and_nothing_else() -> None:
    base = yaml.safe_load((conf_folder() / "base.yml").read_text("utf-8"))
    assert {section: set(values) for section, values in base.items()} == {
        name: set(field.annotation.model_fields)  # type: ignore[union-attr]
        for name, field in Settings.model_fields.items()
    }


def test_overrides_win_over_environment_over_profile_over_base(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings("local").source.kind == "files"
    assert load_settings("databricks").source.kind == "kafka"
    monkeypatch.setenv("DANGOL_SOURCE__KIND", "files")
    assert load_settings("databricks").source.kind == "files"
    assert load_settings("databricks", {"source.kind": "kafka"}).source.kind == "kafka"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"shop.timezon": "Asia/Seoul"}, "there is no setting shop.timezon; conf/base.yml lists them all"),
        ({"shop.timezone": "Seoul"}, "shop.timezone: Value error, not an IANA time zone such as Asia/Seoul"),
        ({"rfm.window_days": "0"}, "rfm.window_days: Input should be greater than 0"),
        ({"clock.now": "yesterday"}, "clock.now: Input should be a valid datetime"),
    ],
)
def test_a_wrong_setting_is_named(overrides: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(overrides=overrides)
    assert str(caught.value).startswith(words)


def test_a_missing_profile_names_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="choose one of: databricks, local"):
        load_settings("azure")


def test_a_secret_is_neither_shown_nor_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGOL_SOURCE__CONNECTION_STRING", "SharedAccessKey=sesame")
    settings = load_settings(overrides={"source.topic": "orders"})
    assert settings.source.connection_string is not None
    assert settings.source.connection_string.get_secret_value() == "SharedAccessKey=sesame"
    monkeypatch.setenv("DANGOL_SOURCE__CLIENT_SECRET", "open-sesame")
    settings = load_settings()
    assert "sesame" not in repr(settings) + str(settings.remembered())


def test_a_secret_is_not_told_by_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGOL_SOURCE", '{"connection_string": ["sesame"]}')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "sesame" not in str(caught.value)


def test_a_clock_without_an_offset_is_the_shops() -> None:
    settings = load_settings(overrides={"clock.now": "2011-07-01T00:00:00", "shop.timezone": "Europe/London"})
    assert settings.fixed_now == datetime(2011, 6, 30, 23, 0, tzinfo=UTC)
    assert settings.today == date(2011, 7, 1)
    assert load_settings().fixed_now is None


def test_what_lies_beside_the_store(tmp_path: Path) -> None:
    settings = load_settings(overrides={"store.path": tmp_path / "store"})
    assert settings.store.checkpoints == tmp_path / "checkpoints" / "store"
    assert settings.registry_uri == f"sqlite:///{tmp_path}/mlflow.db"


@pytest.mark.parametrize(
    ("text", "value"),
    [("null", None), ("[till, guest]", ["till", "guest"]), ("365", "365"), ("NO", "NO"), ("[", "[")],
)
def test_values_as_typed_on_a_command_line(text: str, value: object) -> None:
    assert typed(text) == value
