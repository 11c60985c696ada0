"""Who may be written to, by the file of consents and the hold-out of the triggers; and how a draft is dressed."""

from collections.abc import Sequence

import structlog

from dangol.answers import advertising, eligibility
from dangol.answers.advertising import Finding
from dangol.answers.evidence import Evidence
from dangol.answers.queries import Query
from dangol.edges.triggers import Consent, held_out
from dangol.errors import SettingsError
from dangol.settings import Settings

log = structlog.get_logger()

ELIGIBLE = Query(
    "eligible",
    ("customers_live",),
    "",
    {
        "ko": "수신에 동의한 고객 가운데 비교를 위해 빼 둔 고객을 뺀 수입니다. 동의를 알 수 없으면 보낼 수 없습니다.",
        "en": "Those who consented, less those held out for comparison. Where consent is not known, nobody is "
        "eligible.",
    },
)
"""Without a text: counted over the members by the file of consents."""


class FileConsents:
    """See dangol.answers.tools.Consents. The file is read anew when it changes."""

    def __init__(self, settings: Settings) -> None:
        self.rules = settings.triggers
        self.message = settings.message
        self.consent: Consent | None = None

    def counted(self, customer_ids: Sequence[str], cited: Evidence) -> Evidence:
        consents = self.consents()
        counts = eligibility.counted(customer_ids, consents, self.is_held_out)
        row: dict[str, int | None] = {
            "eligible": counts.get("eligible", 0),
            "no_consent": counts.get("no_consent", 0),
            "held_out": counts.get("held_out", 0),
            "unknown": len(customer_ids) if consents is None else None,
        }
        return Evidence(ELIGIBLE, cited.parameters, (row,), cited.sources, cited.as_of)

    def consents(self) -> frozenset[str] | None:
        """Null where consent is not known: there is no file, or none that can be read."""
        if self.rules.consent is None:
            return None
        try:
            if self.consent is None:
                self.consent = Consent(self.rules.consent)
            self.consent.refresh()
        except SettingsError as error:
            log.warning("consent is not known", reason=str(error))
            return None
        return self.consent.ids

    def is_held_out(self, customer_id: str) -> bool:
        return held_out(customer_id, self.rules.holdout_percent, self.rules.holdout_salt)

    def dressed(self, body: str) -> str:
        return advertising.draft(body, self.message.sender, self.message.opt_out)

    def findings(self, draft: str) -> tuple[Finding, ...]:
        return advertising.lint(draft, self.message.sender, self.message.opt_out, None, consented_night=False)
