"""What Google's side of a journey runs on: the official emulators, and stand-ins where Google has none."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from gemini_rule import front_desk
from google.cloud.tasks_v2 import RetryConfig

from tests.emulators import free_port, shared_firestore, shared_pubsub
from tests.standins.cloud_storage import cloud_storage
from tests.standins.cloud_tasks import cloud_tasks
from tests.standins.gemini import GeminiServer
from tests.standins.secret_manager import secret_manager


@asynccontextmanager
async def google_environment() -> AsyncIterator[dict[str, str]]:
    """The environment of an installation on a project of its own."""
    project = f"demo-{uuid4().hex[:12]}"
    queue = f"projects/{project}/locations/europe-west1/queues/timers"
    retry = RetryConfig(min_backoff=timedelta(seconds=0.1), max_backoff=timedelta(seconds=1))
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(cloud_tasks())
        storage = await stack.enter_async_context(cloud_storage())
        secrets = await stack.enter_async_context(secret_manager())
        gemini = stack.enter_context(GeminiServer(rule=front_desk))
        tasks.add_queue(queue, retry)
        yield {
            "PORT": str(free_port()),
            "FRONTDESK_BACKEND": "google",
            "GOOGLE_CLOUD_PROJECT": project,
            "FIRESTORE_EMULATOR_HOST": shared_firestore(),
            "PUBSUB_EMULATOR_HOST": shared_pubsub(),
            "CLOUD_TASKS_EMULATOR_HOST": tasks.address,
            "STORAGE_EMULATOR_HOST": storage.address,
            "SECRET_MANAGER_EMULATOR_HOST": secrets.address,
            "FRONTDESK_BUCKET": "blobs",
            "GEMINI_API_KEY": gemini.key,
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
        }
