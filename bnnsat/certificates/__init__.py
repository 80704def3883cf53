"""Claims, their formulas, making and checking proofs; `check` loads no search, fast encoder or solver."""
