"""Train seven candidates, log them to MLflow, register each as the next version of credit-risk."""
# mypy: ignore-errors

import json
import uuid
import warnings

import mlflow
import mlflow.sklearn
import pandas as pd
from places import HOME, SERVER, TEST, TRAIN, Step, columns, read, version, wrote
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
# Statlog's published cost matrix: a bad loan granted costs five times a good loan refused.
THRESHOLD = 5 / 6
MONEY = ["amount", "months", "installment_rate"]
LOAN = [*MONEY, "savings", "other_plans", "checking", "history"]
PERSON = ["job", "employment", "housing", "property"]
WORDS = ["checking", "history", "job", "housing", "property", "sex"]
EVERYTHING = [*LOAN, *PERSON, "age", "sex"]
CANDIDATES = [
    ("logistic, money only", MONEY, LogisticRegression(C=1.0, max_iter=1000)),
    ("logistic, everything", EVERYTHING, LogisticRegression(C=1.0, max_iter=1000)),
    ("random forest, everything", EVERYTHING, RandomForestClassifier(n_estimators=200, random_state=7)),
    ("gradient boosting, everything", EVERYTHING, GradientBoostingClassifier(random_state=7)),
    ("gradient boosting, no age or sex", [*LOAN, *PERSON], GradientBoostingClassifier(random_state=7)),
    ("logistic, no age or sex", [*LOAN, *PERSON], LogisticRegression(C=1.0, max_iter=1000)),
    ("logistic, loan and employment", [*LOAN, "employment"], LogisticRegression(C=0.3, max_iter=1000)),
]


def build(features, estimator):
    """Return scaling of numbers, one column per word, then the estimator."""
    words = [name for name in features if name in WORDS]
    numbers = [name for name in features if name not in WORDS]
    prepare = ColumnTransformer([("number", StandardScaler(), numbers), ("word", OneHotEncoder(), words)])
    return make_pipeline(prepare, estimator), numbers, words


def export(model, numbers, words, path):
    """Write a fitted logistic model as JSON: all that is needed to score by hand."""
    prepare, logistic = model[0], model[-1]
    scaler, coder = prepare.named_transformers_["number"], prepare.named_transformers_["word"]
    weights = iter(float(w) for w in logistic.coef_[0])
    written = {
        "model": "credit-risk",
        "kind": "logistic regression; score = 1 / (1 + exp(-(intercept + sum of terms)))",
        "approve_at_or_above": THRESHOLD,
        "intercept": float(logistic.intercept_[0]),
        "numbers": [
            {"name": n, "mean": float(m), "scale": float(s), "weight": next(weights)}
            for n, m, s in zip(numbers, scaler.mean_, scaler.scale_, strict=True)
        ],
        "words": [
            {"name": n, "weights": {str(level): next(weights) for level in levels}}
            for n, levels in zip(words, coder.categories_, strict=True)
        ],
    }
    path.write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


train, test = pd.read_csv(TRAIN), pd.read_csv(TEST)
mlflow.set_tracking_uri("http://127.0.0.1:5000")
mlflow.set_experiment("credit-risk")
learned = mlflow.data.from_pandas(train, source=str(TRAIN), name="credit-train", targets="good")
held_out = mlflow.data.from_pandas(test, source=str(TEST), name="credit-test", targets="good")
client = mlflow.MlflowClient()
for number, (title, features, estimator) in enumerate(CANDIDATES, 1):
    with mlflow.start_run(run_name=title, tags={"team": "credit-scoring"}) as run:
        inputs = [read("file", TRAIN, columns(train) | version(learned.digest))]
        step = Step("credit-risk", inputs, namespace=SERVER, run_id=str(uuid.UUID(run.info.run_id)))
        mlflow.log_input(learned, context="training")
        mlflow.log_input(held_out, context="testing")
        model, numbers, words = build(features, estimator)
        model.fit(train[features], train["good"])
        mlflow.log_params({"features": ",".join(features), "estimator": type(estimator).__name__})
        mlflow.log_params({"threshold": round(THRESHOLD, 6), "C": getattr(estimator, "C", "")})
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name="credit-risk",
            pip_requirements=["scikit-learn==1.9.1"],
            serialization_format="cloudpickle",
        )
        score = model.predict_proba(test[features])[:, 1]
        granted = score >= THRESHOLD
        measured = {
            "auc": roc_auc_score(test["good"], score),
            "brier": brier_score_loss(test["good"], score),
            "accuracy": accuracy_score(test["good"], granted),
            "approval_rate": float(granted.mean()),
        }
        mlflow.log_metrics(measured, dataset=held_out, model_id=info.model_id)
        if isinstance(estimator, LogisticRegression) and number > 5:
            export(model, numbers, words, HOME / "models" / f"credit-risk-{number}.json")
        model_out = wrote(SERVER, "credit-risk", version(str(number)))
        step.finish([model_out])
    client.set_model_version_tag(
        "credit-risk", str(number), "validation", "passed" if number > 5 else "pending"
    )
    client.update_model_version("credit-risk", str(number), description=title)
client.update_registered_model("credit-risk", description="Probability that a consumer loan is repaid.")
client.set_registered_model_tag("credit-risk", "owner", "credit-scoring")
client.set_registered_model_alias("credit-risk", "champion", "7")
client.set_registered_model_alias("credit-risk", "challenger", "5")
client.set_registered_model_alias("credit-risk", "previous", "6")
