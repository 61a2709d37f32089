"""Load the published file into the warehouse, codes untouched."""
# mypy: ignore-errors

import duckdb
import pandas as pd
from places import DATABASE, RAW, TABLES, Step, columns, read, wrote

raw = pd.read_csv(RAW)
raw.columns = [name.split("/")[0] for name in raw.columns]
raw.insert(0, "id", range(1, len(raw) + 1))
step = Step("load_applications", [read("file", RAW, columns(raw))])
with duckdb.connect(str(DATABASE)) as database:
    database.execute("CREATE SCHEMA IF NOT EXISTS raw")
    database.execute("CREATE OR REPLACE TABLE raw.applications AS SELECT * FROM raw")
step.finish([wrote(TABLES, "credit.raw.applications", columns(raw), len(raw))])
