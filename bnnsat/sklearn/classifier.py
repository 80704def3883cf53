"""Networks as classifiers of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from bnnsat.certificates.certify import certify
from bnnsat.certificates.claim import Claim
from bnnsat.data.preprocessing import Preprocessing
from bnnsat.display import Progress
from bnnsat.drawing.show import show
from bnnsat.model import Model
from bnnsat.network import Network
from bnnsat.options import ACCURACY, ERRORS, Options
from bnnsat.outline import Outline
from bnnsat.problem import MAX_COST
from bnnsat.readings import packed
from bnnsat.search.local.ensembles import widened
from bnnsat.search.progress import Event
from bnnsat.shape import Shape
from bnnsat.sklearn.given import tagged, taken
from bnnsat.tables.binarizer import TableBinarizer
from bnnsat.tables.table import Label
from bnnsat.trainer import train
from bnnsat.training import Training
from bnnsat.types import Bits, Doubles, Integers

ACCURATE_HIDDEN, ACCURATE_MEMBERS, ACCURATE_STEPS = 64, 5, 8_000
"""Of a classifier that nobody has said a shape for: five networks of 64 neurons that vote, and how long they learn."""
ERRORS_SECONDS = 10.0
"""For the fewest errors, where nobody says how long."""


class BNNClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A binary neural network over the columns of a table.

    Without any parameter it is trained to be right about new examples: five networks of 64 neurons vote. With `hidden`
    it is one network of that size with the fewest training errors, proved where there is time.

    Parameters:
        hidden: neurons between inputs and outputs: 3, "8-4", 0 for none; None for an ensemble that is accurate.
        activation: popcount or half.
        weights: binary or ternary; None for ternary popcounts.
        threshold: learned or given; None for learned popcounts.
        ensemble: networks that vote; None for 5 without `hidden`, else 1.
        goal: errors or accuracy; None for accuracy without `hidden`, else errors.
        then: further objectives: ("sparse",), ("margin",).
        binarize: the way from columns of numbers to bits.
        columns: other ways for some columns, by name.
        class_weight: balanced, a dictionary by label, or None for what the goal asks for.
        method: how the search is done.
        time_limit: seconds of a fit; None for none with goal accuracy, which ends by its steps, and 10 with goal
            errors; infinity for none.
        max_iter: gradient steps of goal accuracy; the same steps make the same network.
        random_state: of what is random.
        n_jobs: processors; None for one, -1 for all.
        verbose: 1 shows progress on standard error.
        callback: is called with each event of the training.

    Attributes:
        classes_: the labels.
        network_: shape and weights.
        model_: the network with its binariser, as files hold it.
        binarizer_: the fitted rules of the columns.
        errors_: training errors, each with its cost.
        lower_bound_: proved; no network of the shape makes fewer.
        gap_: the distance of the two.
        optimal_: whether they meet.
        events_: each step of the training.
        training_: all that training returned.
        n_iter_: gradient steps, where there is such a limit.
        n_features_in_: how many columns there are.
        feature_names_in_: what they are called, where they have names.
    """

    def __init__(
        self,
        hidden: int | str | None = None,
        *,
        activation: str = "popcount",
        weights: str | None = None,
        threshold: str | None = None,
        ensemble: int | None = None,
        goal: str | None = None,
        then: tuple[str, ...] = (),
        binarize: str = "quantiles:5",
        columns: Mapping[str, str] | None = None,
        class_weight: str | Mapping[Any, float] | None = None,
        method: str = "auto",
        time_limit: float | None = None,
        max_iter: int | None = ACCURATE_STEPS,
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int = 0,
        callback: Callable[[Event], object] | None = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.weights = weights
        self.threshold = threshold
        self.ensemble = ensemble
        self.goal = goal
        self.then = then
        self.binarize = binarize
        self.columns = columns
        self.class_weight = class_weight
        self.method = method
        self.time_limit = time_limit
        self.max_iter = max_iter
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.callback = callback

    def fit(self, X: Any, y: Any) -> Self:
        """Train the network.

        Args:
            X: a data frame, or (examples, columns) of numbers.
            y: (examples,) labels of any type.
        """
        table = taken(self, X, y, reset=True)
        check_classification_targets(y)
        self.classes_, codes = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]!r}; two classes are due")
        if len(codes) != len(table):
            raise ValueError(f"X has {len(table)} rows and y {len(codes)} labels; as many are due")
        labels = codes.astype(np.int64)
        self.binarizer_ = TableBinarizer.fit(table, labels, self.binarize, self.columns)
        inputs = len(self.binarizer_.kept)
        # Half-comparisons read an even number of inputs.
        odd = self.activation == "half" and inputs % 2 == 1
        self._preprocessing = Preprocessing(self.binarizer_, (*range(inputs), 0) if odd else None)
        bits = self._preprocessing(table)
        shape, options = self._shape(bits.shape[1]), self._options(labels)
        with Progress(live=bool(self.verbose)) as progress:
            training = train(
                bits, labels, shape, options, on_event=lambda event: self._tell(event, progress), verbose=0
            )
        self._keep(training, bits, labels)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The label of each row, (rows,).

        Args:
            X: a data frame with the columns that were fitted, or (rows, columns) of numbers.
        """
        bits = self._bits(X)
        return np.asarray(self.classes_[np.maximum(0, self.model_.codes(bits))])

    def decision_function(self, X: Any) -> Doubles:
        """How far the count is from the threshold, (rows,), above 0 for the second class; of more the counts.

        Args:
            X: a data frame with the columns that were fitted, or (rows, columns) of numbers.
        """
        bits = self._bits(X)
        shape = self.network_.shape
        if shape.activation == "half":
            # Nothing is counted.
            said = packed.outputs(shape, self.network_.matrices(), bits).astype(np.float64)
            return said[:, 0] - 0.5 if shape.head == "bit" else said
        scores = packed.scores(shape, self.network_.matrices(), bits).astype(np.float64)
        return scores[:, 0] + 0.5 if shape.head == "bit" else scores

    def certify(self, path: Path | str) -> Claim:
        """Write a certificate of what is claimed about the training errors.

        Args:
            path: the folder; it appears once it is complete.
        """
        check_is_fitted(self)
        return certify(self.model_, path, examples=self._examples)

    def to_text(self, format: str = "text") -> str:
        """The network as score cards.

        Args:
            format: text, markdown, html, svg or json.
        """
        check_is_fitted(self)
        return show(self.model_, format)

    def plot(self, ax: Any = None) -> Any:
        """Draw errors and bound over time with matplotlib; returns the axes.

        Args:
            ax: the axes to draw on; new ones without.
        """
        check_is_fitted(self)
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        seconds = [*(event.seconds for event in self.events_), self.training_.seconds]
        for name, values in (
            ("errors", [event.errors for event in self.events_]),
            ("lower bound", [event.lower_bound for event in self.events_]),
        ):
            ax.step(seconds, [*values, values[-1]], where="post", label=name)
        ax.set(xlabel="seconds", ylabel="training errors")
        ax.legend()
        return ax

    def _repr_html_(self) -> str:
        """The network, where it is fitted, as notebooks show it."""
        if not hasattr(self, "model_"):
            return str(super()._repr_html_inner())
        return show(self.model_, "html")

    def __sklearn_tags__(self) -> Any:
        return tagged(super().__sklearn_tags__())

    def _bits(self, X: Any) -> Bits:
        check_is_fitted(self)
        return self._preprocessing(taken(self, X, reset=False))

    def _tell(self, event: Event, progress: Progress) -> None:
        progress(event)
        if self.callback is not None:
            self.callback(event)

    def _shape(self, inputs: int) -> Shape:
        hidden = ACCURATE_HIDDEN if self.hidden is None else self.hidden
        outline = Outline(str(hidden), activation=self.activation, thresholds=self.threshold, weights=self.weights)
        outputs = len(self.classes_) if len(self.classes_) > 2 else 1
        return widened(outline.around(inputs, outputs, table=True), self._members)

    @property
    def _members(self) -> int:
        accurate = self.hidden is None and self.activation != "half"
        return self.ensemble or (ACCURATE_MEMBERS if accurate else 1)

    def _options(self, labels: Integers) -> Options:
        goal = self.goal or (ACCURACY if self.hidden is None and self.activation != "half" else ERRORS)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return Options(
            goal=goal,
            method=self.method,
            time_limit=ERRORS_SECONDS if self.time_limit is None and goal == ERRORS else self.time_limit,
            jobs=1 if self.n_jobs is None else None if self.n_jobs < 0 else self.n_jobs,
            seed=seed,
            costs=self._costs(labels),
            then=tuple(self.then),
            ensemble=self._members,
            steps=self.max_iter if goal == ACCURACY else None,
        )

    def _costs(self, labels: Integers) -> tuple[int, ...]:
        """Whole numbers from 1 to the largest cost there may be, as the class weights are to each other."""
        if self.class_weight is None:
            return ()
        weight = self.class_weight if isinstance(self.class_weight, str) else dict(self.class_weight)
        shares = compute_class_weight(weight, classes=self.classes_, y=self.classes_[labels])
        if not (shares > 0).all():
            raise ValueError("class weights are above 0")
        unit = max(shares.max() / MAX_COST, min(shares.min(), shares.max() / 10))
        return tuple(np.maximum(1, np.rint(shares / unit)).astype(int).tolist())

    def _keep(self, training: Training, bits: Bits, labels: Integers) -> None:
        names: tuple[Label, ...] = tuple(self.classes_.tolist())
        self.training_ = training
        self.network_: Network = training.network
        self.model_ = Model(training.network, self._preprocessing, training.origin(classes=len(self.classes_)), names)
        self.errors_, self.lower_bound_ = training.errors, training.lower_bound
        self.gap_, self.optimal_ = self.errors_ - self.lower_bound_, training.status == "OPTIMAL"
        self.events_ = training.events
        self.n_iter_ = self.max_iter or 1
        self._examples = bits, labels
