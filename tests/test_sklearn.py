"""The estimators: scikit-learn's own conventions, and what they say of themselves."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
pytest.importorskip("sklearn", reason="scikit-learn is not installed")

if True:  # what may be missing comes after the question whether it is
    from sklearn.base import clone
    from sklearn.compose import make_column_transformer
    from sklearn.datasets import load_breast_cancer, load_digits, load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.utils.estimator_checks import check_estimator

    import bnnsat
    from bnnsat.sklearn import Binarizer, BNNClassifier


def frame(rows: int = 120, seed: int = 0) -> tuple[Any, Any]:
    """Numbers, texts, categories and gaps, and a label that depends on two of them."""
    rng = np.random.default_rng(seed)
    columns = pandas.DataFrame(
        {
            "size": rng.normal(size=rows),
            "colour": rng.choice(np.array(["red", "blue", None], dtype=object), rows),
            "kind": pandas.Categorical(rng.choice(["u", "v"], rows)),
            "ok": rng.random(rows) < 0.5,
        }
    )
    return columns, np.where((columns["size"] > 0) & (columns["kind"] == "u"), "yes", "no")


@pytest.mark.parametrize(
    "estimator", [Binarizer(), BNNClassifier(max_iter=400)], ids=lambda estimator: type(estimator).__name__
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks_pass(estimator: Any) -> None:
    found = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {
        check["check_name"]: check["exception"] for check in found if check["status"] not in ("passed", "skipped")
    }
    assert not failed
    assert len(found) > 40
    # Array libraries other than numpy are the only thing that is not looked at.
    assert {check["check_name"] for check in found if check["status"] == "skipped"} <= {"check_array_api_input"}


def test_a_small_network_is_proved_and_says_so(tmp_path: Path) -> None:
    inputs, labels = load_breast_cancer(return_X_y=True, as_frame=True)
    events: list[Any] = []
    found = BNNClassifier(hidden=2, time_limit=30, random_state=0, callback=events.append).fit(inputs, labels)
    assert found.optimal_ and found.errors_ == found.lower_bound_ == found.gap_ == 0
    assert found.score(inputs, labels) == 1.0
    assert list(found.feature_names_in_) == list(inputs.columns) and found.n_features_in_ == 30
    assert tuple(events) == found.events_
    assert "at least" in found.to_text() and "<svg" in found.to_text("svg") and "<div" in found._repr_html_()
    assert "BNNClassifier" in BNNClassifier()._repr_html_()
    found.certify(tmp_path / "c")
    assert "150-2-1" in bnnsat.check(tmp_path / "c")
    found.model_.save(tmp_path / "m.json")
    loaded = bnnsat.Model.load(tmp_path / "m.json")
    assert (loaded.predict(inputs) == found.predict(inputs)).all()
    scores = found.decision_function(inputs)
    assert ((scores > 0) == (found.predict(inputs) == 1)).all()


def test_frames_with_texts_categories_and_gaps_are_learned() -> None:
    inputs, labels = frame()
    found = BNNClassifier(hidden=2, time_limit=10, random_state=0).fit(inputs, labels)
    assert found.classes_.tolist() == ["no", "yes"]
    assert found.score(inputs, labels) > 0.9
    assert found.predict(inputs[list(reversed(inputs.columns))][list(inputs.columns)]).tolist() == (
        found.predict(inputs).tolist()
    )
    with pytest.raises(ValueError, match="feature names"):
        found.predict(inputs.rename(columns={"size": "length"}))


def test_grid_search_over_hidden_and_binarisation() -> None:
    inputs, labels = load_digits(n_class=2, return_X_y=True)
    grid = {"hidden": [0, 2], "binarize": ["quantiles:2", "supervised:2"]}
    search = GridSearchCV(BNNClassifier(time_limit=1, random_state=0), grid, cv=2, n_jobs=2).fit(inputs, labels)
    assert search.best_score_ > 0.97
    columns, classes = frame()
    search = GridSearchCV(BNNClassifier(time_limit=0.5, random_state=0), grid, cv=2).fit(columns, classes)
    assert search.best_score_ > 0.7


def test_in_pipelines_clones_and_pickles() -> None:
    inputs, labels = load_iris(return_X_y=True, as_frame=True)
    made = make_pipeline(
        make_column_transformer((Binarizer("supervised:4"), list(inputs.columns))), LogisticRegression()
    )
    assert cross_val_score(made, inputs, labels, cv=3).mean() > 0.85
    found = BNNClassifier(hidden=3, time_limit=1, random_state=0, class_weight={0: 1, 1: 2, 2: 2.5})
    copy = clone(found)
    assert copy.get_params() == found.get_params()
    copy.fit(inputs, labels)
    again = pickle.loads(pickle.dumps(copy))
    assert (again.predict(inputs) == copy.predict(inputs)).all()
    assert copy.model_.origin.costs == (4, 8, 10)
    assert copy.decision_function(inputs).shape == (150, 3)


def test_bits_have_names_and_frames_come_out() -> None:
    inputs, labels = load_iris(return_X_y=True, as_frame=True)
    made = Binarizer("supervised:3", columns={"sepal width (cm)": "uniform:1"}).set_output(transform="pandas")
    bits = made.fit_transform(inputs, labels)
    assert "petal length (cm) <= 2.45" in bits.columns
    assert (bits["petal length (cm) <= 2.45"] == (inputs["petal length (cm)"] <= 2.45)).all()
    assert sum("sepal width" in name for name in bits.columns) == 1
    with pytest.raises(ValueError, match="give y"):
        Binarizer("supervised:3").fit(inputs)


def test_steps_make_the_same_network_again() -> None:
    inputs, labels = frame()
    one, other = (
        BNNClassifier(8, goal="accuracy", max_iter=100, time_limit=None, random_state=3).fit(inputs, labels)
        for _ in range(2)
    )
    assert one.network_ == other.network_ and one.n_iter_ == 100


def test_half_comparisons_and_refusals() -> None:
    inputs, labels = frame(60)
    found = BNNClassifier(0, activation="half", binarize="quantiles:3", time_limit=2).fit(inputs, labels)
    assert found.network_.shape.activation == "half"
    assert ((found.decision_function(inputs) > 0) == (found.predict(inputs) == "yes")).all()
    inputs3, labels3 = load_iris(return_X_y=True)
    three = BNNClassifier(2, activation="half", binarize="quantiles:2", time_limit=1).fit(inputs3, labels3)
    assert three.decision_function(inputs3).shape == (150, 3)
    for wrong, message in (
        ({"hidden": "x"}, "x"),
        ({"weights": "heavy"}, "heavy"),
        ({"goal": "speed"}, "unknown goal"),
        ({"time_limit": -1}, "-1"),
        ({"class_weight": {"no": 0, "yes": 1}}, "above 0"),
        ({"binarize": "cuts"}, "unknown binarisation"),
    ):
        with pytest.raises(ValueError, match=message):
            BNNClassifier(**wrong).fit(inputs, labels)


def test_progress_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    inputs, labels = frame(60)
    found = BNNClassifier(0, time_limit=1, verbose=1).fit(inputs, labels)
    assert "errors" in capsys.readouterr().err
    axes = found.plot()
    assert [line.get_label() for line in axes.get_lines()] == ["errors", "lower bound"]
