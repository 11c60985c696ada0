"""All input and output: Spark, Delta, MLflow, the broker, the browser."""
