"""How Delta keeps each table, whoever makes it: Spark or delta-rs."""

from dangol.tables import (
    AUDIENCE_MEMBERS,
    AUDIENCES,
    CHANGES,
    CUSTOMER_DAYS,
    CUSTOMER_HISTORY,
    CUSTOMERS,
    DECISIONS,
    DELIVERIES,
    EVENTS,
    FEEDBACK,
    INLET,
    SUMMARIES,
    Table,
)

RETENTION = "delta.deletedFileRetentionDuration"
UPKEEP = {"delta.enableExpiredLogCleanup": "false", RETENTION: "interval 24 hours"}
PROPERTIES = {
    EVENTS.name: {
        "delta.checkpointInterval": "100",
        "delta.dataSkippingStatsColumns": "generation,batch_id,event_time",
    },
    INLET.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "enqueued_time"},
    CUSTOMER_HISTORY.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "generation,batch_id"},
    CUSTOMERS.name: {"delta.checkpointInterval": "10", RETENTION: "interval 1 hours"},
    CUSTOMER_DAYS.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "day,batch_id"},
    CHANGES.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "generation,batch_id"},
    DELIVERIES.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "generation,batch_id"},
    SUMMARIES.name: {
        "delta.checkpointInterval": "10",
        "delta.dataSkippingStatsColumns": "key,kind",
        RETENTION: "interval 1 hours",
    },
    AUDIENCES.name: {"delta.checkpointInterval": "10", "delta.dataSkippingStatsColumns": "saved_at"},
    AUDIENCE_MEMBERS.name: {"delta.checkpointInterval": "10", "delta.dataSkippingStatsColumns": "day"},
    DECISIONS.name: {"delta.checkpointInterval": "10", "delta.dataSkippingStatsColumns": "decided_at"},
    FEEDBACK.name: {"delta.checkpointInterval": "100", "delta.dataSkippingStatsColumns": "given_at"},
}
"""A commit's statistics cost the writer, so they are kept only where readers skip files by them. Who removes a table's
log and its old files is `maintenance` alone: it knows what a query has yet to read (UPKEEP, of every table). Each
rewrite of customers leaves a whole copy behind, and so do the merges into summaries, whose writer removes them too."""


def properties(table: Table) -> dict[str, str]:
    return UPKEEP | PROPERTIES[table.name]
