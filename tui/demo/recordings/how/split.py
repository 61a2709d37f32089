"""Split the features into what is learned from and what is held out. A file's version is MLflow's digest."""
# mypy: ignore-errors

import duckdb
import mlflow.data
import pandas as pd
from places import DATABASE, TABLES, TEST, TRAIN, Step, columns, read, version, wrote
from sklearn.model_selection import train_test_split

step = Step("split_features", [read(TABLES, "credit.main.credit_features")])
with duckdb.connect(str(DATABASE), read_only=True) as database:
    frame = database.execute("SELECT * FROM credit_features ORDER BY id").df()
parts = train_test_split(frame, test_size=0.4, random_state=7, stratify=frame["good"])
outputs = []
for part, path in zip(parts, (TRAIN, TEST), strict=True):
    part.sort_values("id").to_csv(path, index=False)
    kept = pd.read_csv(path)
    digest = mlflow.data.from_pandas(
        kept, source=str(path), name=f"credit-{path.stem}", targets="good"
    ).digest
    outputs.append(wrote("file", path, columns(kept) | version(digest), len(kept)))
step.finish(outputs)
