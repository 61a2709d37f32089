#!/bin/sh
# Records the demo. DBT, ML and MUNIMENT name three Python environments (see ../README.md); CSV the published data.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
home=/srv/credit
rm -rf "$home"
mkdir -p "$home/raw" "$home/data" "$home/models" "$home/steps"
cp -r "$here"/*.py "$here/dbt" "$home/steps/"
cd "$home/steps"
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
export LOGNAME=j.rivera USER=j.rivera PYTHONDONTWRITEBYTECODE=1
export OPENLINEAGE__TRANSPORT__TYPE=file OPENLINEAGE__TRANSPORT__APPEND=true
export OPENLINEAGE__TRANSPORT__LOG_FILE_PATH="$home/events.jsonl" OPENLINEAGE_NAMESPACE=credit

OPENLINEAGE__TRANSPORT__LOG_FILE_PATH="$home/late.jsonl" "$ML/bin/python" fetch.py "$CSV"
"$ML/bin/python" load.py
(cd dbt && PATH="$DBT/bin:$PATH" "$DBT/bin/dbt-ol" run --profiles-dir . --no-version-check)
"$ML/bin/python" split.py

PATH="$ML/bin:$PATH" "$ML/bin/mlflow" server --host 127.0.0.1 --port 5000 --workers 1 \
    --backend-store-uri "sqlite:///$home/mlflow.db" --artifacts-destination "$home/artifacts" >"$home/server.log" 2>&1 &
server=$!
trap 'kill $server' EXIT
until curl -sf http://127.0.0.1:5000/health >/dev/null; do sleep 1; done
"$ML/bin/python" train.py
"$ML/bin/python" score.py
"$MUNIMENT/bin/python" "$here/record.py" "$here/../mlflow.jsonl.gz"

cp "$home/events.jsonl" "$here/../openlineage.jsonl"
cp "$home/late.jsonl" "$here/../openlineage-late.jsonl"
cp "$home"/models/credit-risk-*.json "$home"/data/outcomes-by-group*.csv "$home/data/validation-report-7.md" "$here/../"
