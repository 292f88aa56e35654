"""`ck doctor`: what this machine has, what is missing, and the line that installs it."""

from corridorkey.doctor.examination import examine
from corridorkey.doctor.finding import Finding, Report

__all__ = ["Finding", "Report", "examine"]
