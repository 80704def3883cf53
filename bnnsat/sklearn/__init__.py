"""Networks as estimators of scikit-learn (the extra `sklearn`)."""

from bnnsat.sklearn.binarizer import Binarizer
from bnnsat.sklearn.classifier import BNNClassifier

__all__ = ["BNNClassifier", "Binarizer"]
