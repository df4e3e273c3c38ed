"""Where the sample desks and the older files stand."""

from pathlib import Path

CONFIGS = Path(__file__).parents[3] / "configs"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "configs"
