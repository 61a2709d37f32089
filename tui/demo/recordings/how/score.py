"""Score the held-out applications with version 7, from its JSON file alone, and count outcomes by group."""
# mypy: ignore-errors

import json

import numpy as np
import pandas as pd
from places import HOME, SCORED, SERVER, TEST, Step, columns, read, version, wrote

model = json.loads((HOME / "models" / "credit-risk-7.json").read_text())
test = pd.read_csv(TEST)
inputs = [read(SERVER, "credit-risk", version("7")), read("file", TEST, columns(test))]
step = Step("score_held_out", inputs)
total = np.full(len(test), model["intercept"])
for part in model["numbers"]:
    total += (test[part["name"]] - part["mean"]) / part["scale"] * part["weight"]
for part in model["words"]:
    total += test[part["name"]].map(part["weights"])
test["score"] = 1 / (1 + np.exp(-total))
test["granted"] = (test["score"] >= model["approve_at_or_above"]).astype(int)
test.to_csv(SCORED, index=False)
step.finish([wrote("file", SCORED, columns(test), len(test))])

bands = pd.cut(test["age"], [0, 24, 34, 49, 200], labels=["under 25", "25-34", "35-49", "50 and over"])
rows = []
for (sex, band), group in test.groupby(["sex", bands], observed=True):
    hit = pd.crosstab(group["good"], group["granted"]).reindex(index=[0, 1], columns=[0, 1], fill_value=0)
    counts = [hit[0][0], hit[1][0], hit[0][1], hit[1][1]]
    rows.append([sex, band, len(group), int(group["granted"].sum()), *counts])
heads = ["sex", "age_band", "n", "selected", "tn", "fp", "fn", "tp"]
pd.DataFrame(rows, columns=heads).to_csv(HOME / "data" / "outcomes-by-group.csv", index=False)
