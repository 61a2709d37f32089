"""MLflow over REST or from an `mlruns` folder, without importing mlflow."""
