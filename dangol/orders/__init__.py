"""From messages to the recency, frequency and monetary value of each customer. Pure: DataFrame or Column in and out."""
