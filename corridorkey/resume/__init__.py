"""Resume: what was made how is recorded, what is whole and made alike is not made again."""

from corridorkey.resume.folders import Wanted
from corridorkey.resume.identity import Identity, identify
from corridorkey.resume.made import Made, made_by
from corridorkey.resume.manifest import Manifest
from corridorkey.resume.plan import Mode, Plan, plan_run
from corridorkey.resume.record import Output

__all__ = ["Identity", "Made", "Manifest", "Mode", "Output", "Plan", "Wanted", "identify", "made_by", "plan_run"]
