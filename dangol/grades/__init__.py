"""From recency, frequency and monetary value to a grade. Pure: arrays in, arrays out."""
