"""Real-time customer grades and answers a shop can trust, on Spark, Delta, MLflow and Gradio."""
