"""Methods held against the truth: suites of test frames, baselines, scores, reports."""
