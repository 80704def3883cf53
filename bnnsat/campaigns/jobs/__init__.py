"""Many runs, each in a process of its own, by any executor, with results that outlive a stop."""
