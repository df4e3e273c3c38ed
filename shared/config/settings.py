"""What the operator sets outside desks' files: one place names every variable, its default and its use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from shared.domain.errors import Permanent

MOST_TURN_SECONDS = 90
"""A turn may be begun anew twice and then summarises; all of it fits into its handler's timeout."""


def _var(name: str, default: str, use: str) -> str:
    found: str = field(default=default, metadata={"name": name, "use": use})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The environment, read once. An empty value is a part that is not connected."""

    host: str = _var("HOST", "127.0.0.1", "address the local server listens on")
    port: str = _var("PORT", "8080", "port the local server listens on")
    data: str = _var("FRONTDESK_DATA", ".data", "folder of the embedded backend")
    configs: str = _var("FRONTDESK_CONFIGS", "configs", "folder of the desks' files")
    backend: str = _var("FRONTDESK_BACKEND", "embedded", "embedded | google")
    public_url: str = _var("FRONTDESK_PUBLIC_URL", "", "address vendors and browsers reach us by")
    turn_seconds: str = _var("FRONTDESK_TURN_SECONDS", "45", "the most a turn may take")
    project: str = _var("GOOGLE_CLOUD_PROJECT", "", "Google Cloud project")
    location: str = _var("GOOGLE_CLOUD_LOCATION", "europe-west1", "region of queues and functions")
    handlers_url: str = _var("FRONTDESK_HANDLERS_URL", "", "address of the handlers, {handler} in it")
    service_account: str = _var("FRONTDESK_SERVICE_ACCOUNT", "", "who calls handlers on Google Cloud")
    bucket: str = _var("FRONTDESK_BUCKET", "", "Cloud Storage bucket of large contents")
    firestore_emulator: str = _var("FIRESTORE_EMULATOR_HOST", "", "host:port of the emulator")
    pubsub_emulator: str = _var("PUBSUB_EMULATOR_HOST", "", "host:port of the emulator")
    tasks_address: str = _var("CLOUD_TASKS_EMULATOR_HOST", "", "host:port of a Cloud Tasks stand-in")
    storage_address: str = _var("STORAGE_EMULATOR_HOST", "", "address of a Cloud Storage stand-in")
    secrets_address: str = _var("SECRET_MANAGER_EMULATOR_HOST", "", "host:port of a Secret Manager stand-in")
    gemini_api_key: str = _var("GEMINI_API_KEY", "", "Gemini; without a key the offline model answers")
    gemini_url: str = _var("GOOGLE_GEMINI_BASE_URL", "", "Gemini's address, where it is not Google's own")
    openai_api_key: str = _var("OPENAI_API_KEY", "", "OpenAI or an endpoint that speaks like it")
    openai_url: str = _var("OPENAI_BASE_URL", "https://api.openai.com/v1", "that endpoint's address")
    meta_app_id: str = _var("META_APP_ID", "", "our app at Meta; tells our own Instagram echoes")
    meta_app_secret: str = _var("META_APP_SECRET", "", "signs Meta's webhooks; several, comma between")
    meta_verify_token: str = _var("META_VERIFY_TOKEN", "", "the word of Meta's handshake")
    meta_access_token: str = _var("META_ACCESS_TOKEN", "", "sends on WhatsApp and Instagram")
    meta_graph_url: str = _var("META_GRAPH_URL", "https://graph.facebook.com", "WhatsApp's API")
    instagram_graph_url: str = _var("INSTAGRAM_GRAPH_URL", "https://graph.instagram.com", "Instagram's API")
    twilio_account_sid: str = _var("TWILIO_ACCOUNT_SID", "", "Twilio account")
    twilio_auth_token: str = _var("TWILIO_AUTH_TOKEN", "", "signs Twilio's webhooks and our calls")
    twilio_url: str = _var("TWILIO_API_URL", "https://api.twilio.com", "Twilio's API")

    @property
    def embedded(self) -> bool:
        """Whether everything is on this machine."""
        return self.backend == "embedded"

    @property
    def address(self) -> str:
        """The address others reach us by, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def data_folder(self) -> Path:
        """The embedded backend's folder."""
        return Path(self.data)

    @property
    def turn_limit(self) -> float:
        """Seconds a turn may take."""
        return float(self.turn_seconds)

    def secrets_of(self, name: str) -> tuple[str, ...]:
        """The values of a variable that may hold several, newest first."""
        return tuple(part.strip() for part in str(getattr(self, name)).split(",") if part.strip())


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in an environment. Raises Permanent naming a value that cannot be."""
    values = {
        one.name: environment[one.metadata["name"]]
        for one in fields(Settings)
        if environment.get(one.metadata["name"])
    }
    settings = Settings(**values)
    if settings.backend not in ("embedded", "google"):
        raise Permanent(f"FRONTDESK_BACKEND is {settings.backend!r}; write embedded or google")
    if not settings.port.isdigit() or not 0 <= int(settings.port) <= 65535:
        raise Permanent(f"PORT is {settings.port!r}; write a number from 1 to 65535")
    try:
        seconds = settings.turn_limit
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= MOST_TURN_SECONDS:
        raise Permanent(
            f"FRONTDESK_TURN_SECONDS is {settings.turn_seconds!r}; "
            f"write seconds from 1 to {MOST_TURN_SECONDS}"
        )
    if settings.backend == "google" and not settings.project:
        raise Permanent("GOOGLE_CLOUD_PROJECT is not set, and the google backend needs it")
    return settings
