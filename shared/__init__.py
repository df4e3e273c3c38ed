"""Everything behind the doors; floors and their order are in ARCHITECTURE.md."""

import gc

# Loading makes hundreds of thousands of objects that stay; to look among them for garbage every 700 new
# ones, as Python does, is a tenth of a cold start.
gc.set_threshold(50_000, 20, 100)
