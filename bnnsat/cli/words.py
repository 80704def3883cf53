"""The result of a training run as a person reads it."""

from __future__ import annotations

from typing import Any

from bnnsat.plural import counted
from bnnsat.spelling import LEARNED

MOST_NAMED = 6
"""Labels that are named one by one."""


def words(result: dict[str, Any]) -> list[str]:
    """The result as a person reads it."""
    lines = [
        f"{_learned(result)}: {counted(result['examples'], 'example')} of {result['data']} "
        f"({result['binarize']}, input order {result['input_order']})",
        f"network {result['topology']}, {result['activation']}, head {result['head']}{_kind(result)}",
        "",
        f"{result['status']}: {_verdict(result)}",
        *(_further(level) for level in result["then"]),
        "",
        f"  training accuracy  {_percent(result['train_accuracy'])}",
    ]
    if result["test_examples"]:
        lines += [
            f"  test accuracy      {_percent(result['test_accuracy'])}  balanced "
            f"{_percent(result['test_balanced_accuracy'])}  ({counted(result['test_examples'], 'example')})",
            f"  on unseen inputs   {_percent(result['unseen_test_accuracy'])}  balanced "
            f"{_percent(result['unseen_test_balanced_accuracy'])}  "
            f"({counted(result['unseen_test_examples'], 'example')})",
        ]
    if "baselines" in result:
        lines += _beside(result["baselines"])
    if "cv" in result:
        lines += _validation(result["cv"])
    proof = "no proof" if result["seconds_to_proof"] is None else f"proof after {result['seconds_to_proof']:.2f} s"
    lines += [
        f"  time               {result['seconds']:.2f} s: formula {result['seconds_encode']:.2f} s, "
        f"best network after {result['seconds_to_best']:.2f} s, {proof}",
    ]
    if result["clauses"]:
        lines.append(
            f"  formula            {counted(result['variables'], 'variable')}, {counted(result['clauses'], 'clause')} "
            f"(encoding {result['encoding']}, solver {result['solver']})"
        )
    if "model" in result:
        lines.append(f"  model              {result['model']}")
    return lines


def _beside(found: dict[str, dict[str, float]], indent: str = "    ") -> list[str]:
    """What others reach on the same bits."""
    return [
        f"{indent}{name:20}{_percent(scores['accuracy'])}  balanced {_percent(scores['balanced_accuracy'])}"
        for name, scores in found.items()
    ]


def _validation(found: dict[str, Any]) -> list[str]:
    """A cross-validation as a person reads it."""
    folds = len(found["folds"])
    return [
        f"  {folds} folds            {_percent(found['accuracy'])}  balanced {_percent(found['balanced_accuracy'])} "
        f"(+-{_percent(found['balanced_accuracy_deviation']).strip()} between folds; {found['proved']} proved)",
        *_beside(found["baselines"]),
    ]


def _learned(result: dict[str, Any]) -> str:
    """What is learned: a label against the rest, a table's target, or all labels."""
    of = "" if result["target"] is None else f"{result['target']}: "
    if result["positive"] is not None:
        return f"{of}label {result['positive']} against the rest"
    if isinstance(result["classes"], list) and len(result["classes"]) <= MOST_NAMED:
        names = [f"'{name}'" if "," in str(name) else str(name) for name in result["classes"]]
        return of + (f"{names[1]} against {names[0]}" if len(names) == 2 else ", ".join(names))
    return f"{of}all labels"


def _verdict(result: dict[str, Any]) -> str:
    errors, bound = result["errors"], result["lower_bound"]
    made = counted(errors, "error")
    if result["costs"]:
        made = f"{errors} in costs, {counted(result['wrong'], 'error')}"
    if errors == 0:
        return "0 errors: every training example is right, so nothing can be better."
    if result["status"] == "OPTIMAL":
        return f"{made}, and it is proved that no weights of this network make fewer."
    return f"{made}; the fewest possible are proved to be at least {bound} (stopped: {result['stopped']})."


def _kind(result: dict[str, Any]) -> str:
    kind = ", ternary weights" if result["weights"] == "ternary" else ""
    kind += ", learned thresholds" if result["thresholds"] == LEARNED else ""
    return kind + (f", errors cost {result['costs']}" if result["costs"] else "")


def _further(level: dict[str, Any]) -> str:
    """One further objective as a person reads it."""
    value, bound, proved = level["value"], level["bound"], level["status"] == "OPTIMAL"
    if level["objective"] == "margin":
        words = f"margin {value}: the counts of the worst right example are {value} from saying anything else"
        return f"{level['status']}: {words}; " + (
            "no network with so few errors has more." if proved else f"at most {bound} is possible."
        )
    words = f"{counted(value, 'weight')} other than 0"
    return f"{level['status']}: {words}; " + (
        "no such network has fewer." if proved else f"at least {bound} {'is' if bound == 1 else 'are'} needed."
    )


def _percent(share: float | None) -> str:
    return "   -   " if share is None else f"{100 * share:6.2f}%"
