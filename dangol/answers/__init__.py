"""From a question to an answer whose numbers have a source. Pure: no vendor, no I/O."""
