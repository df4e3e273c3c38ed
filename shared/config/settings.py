"""What the operator sets outside desks' files: one place names every variable, its default and its use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from shared.domain.errors import Permanent

MOST_TURN_SECONDS = 90
MOST_RUN_SECONDS = 280
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
    run_seconds: str = _var("FRONTDESK_RUN_SECONDS", "120", "the most a run is advanced at a stretch")
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
    deepgram_api_key: str = _var("DEEPGRAM_API_KEY", "", "Deepgram; hears and speaks on calls")
    deepgram_url: str = _var("DEEPGRAM_API_URL", "https://api.deepgram.com", "Deepgram's API")
    elevenlabs_api_key: str = _var("ELEVENLABS_API_KEY", "", "ElevenLabs; hears and speaks on calls")
    elevenlabs_url: str = _var("ELEVENLABS_API_URL", "https://api.elevenlabs.io", "ElevenLabs' API")
    meta_app_id: str = _var("META_APP_ID", "", "our app at Meta; tells our own Instagram echoes")
    meta_app_secret: str = _var("META_APP_SECRET", "", "signs Meta's webhooks; several, comma between")
    meta_verify_token: str = _var("META_VERIFY_TOKEN", "", "the word of Meta's handshake")
    meta_access_token: str = _var("META_ACCESS_TOKEN", "", "sends on WhatsApp and Instagram")
    meta_graph_url: str = _var("META_GRAPH_URL", "https://graph.facebook.com", "WhatsApp's API")
    instagram_graph_url: str = _var("INSTAGRAM_GRAPH_URL", "https://graph.instagram.com", "Instagram's API")
    twilio_account_sid: str = _var("TWILIO_ACCOUNT_SID", "", "Twilio account")
    twilio_auth_token: str = _var("TWILIO_AUTH_TOKEN", "", "signs Twilio's webhooks and our calls")
    twilio_url: str = _var("TWILIO_API_URL", "https://api.twilio.com", "Twilio's API")
    livekit_url: str = _var("LIVEKIT_URL", "", "LiveKit's address, which carries calls: wss://…")
    livekit_api_key: str = _var("LIVEKIT_API_KEY", "", "names the secret; several, newest first")
    livekit_api_secret: str = _var("LIVEKIT_API_SECRET", "", "signs tokens and LiveKit's webhooks; likewise")
    livekit_agent: str = _var("LIVEKIT_AGENT", "frontdesk", "the name voice workers register under")
    sip_host: str = _var("LIVEKIT_SIP_HOST", "", "LiveKit's SIP server, which a trunk sends calls to")
    sip_trunk_host: str = _var("SIP_TRUNK_HOST", "", "the trunk calls go out by, e.g. acme.pstn.twilio.com")
    sip_trunk_username: str = _var("SIP_TRUNK_USERNAME", "", "who we are to that trunk")
    sip_trunk_password: str = _var("SIP_TRUNK_PASSWORD", "", "proves it")
    voice_host: str = _var("VOICE_HOST", "127.0.0.1", "address a voice worker tells its health on")
    voice_port: str = _var("VOICE_PORT", "8081", "port of the same; 0 takes a free one")
    voice_calls: str = _var("VOICE_CALLS", "20", "the most calls a voice worker carries")
    voice_processor: str = _var(
        "VOICE_PROCESSOR", "0.9", "share of the processor from which it takes no more"
    )
    otlp_endpoint: str = _var(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "", "collector of calls' traces, OTLP over HTTP: https://…"
    )
    voice_idle: str = _var("VOICE_IDLE", "1", "processes it keeps ready for calls to come")

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

    @property
    def run_limit(self) -> float:
        """Seconds a run is advanced at a stretch, at most."""
        return float(self.run_seconds)

    @property
    def addresses(self) -> dict[str, str]:
        """Each vendor's API."""
        return {
            "meta": self.meta_graph_url,
            "instagram": self.instagram_graph_url,
            "twilio": self.twilio_url,
        }

    @property
    def credentials(self) -> dict[str, str]:
        """The platform's own, by the variable's name, where a tenant has none; empty = not connected."""
        return {
            "META_APP_ID": self.meta_app_id,
            "META_APP_SECRET": self.meta_app_secret,
            "META_ACCESS_TOKEN": self.meta_access_token,
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "LIVEKIT_URL": self.livekit_url,
            "LIVEKIT_API_KEY": self.livekit_api_key,
            "LIVEKIT_API_SECRET": self.livekit_api_secret,
        }

    @property
    def livekit_pairs(self) -> tuple[tuple[str, str], ...]:
        """LiveKit's keys with their secrets, newest first; a single key goes with every secret."""
        keys, secrets = self.secrets_of("livekit_api_key"), self.secrets_of("livekit_api_secret")
        return tuple(zip(keys * len(secrets) if len(keys) == 1 else keys, secrets, strict=False))

    @property
    def livekit_signers(self) -> str:
        """Those pairs as key:secret, comma between: what verifies LiveKit's webhooks."""
        return ",".join(":".join(pair) for pair in self.livekit_pairs)

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
    _check_seconds("FRONTDESK_TURN_SECONDS", settings.turn_seconds, MOST_TURN_SECONDS)
    _check_seconds("FRONTDESK_RUN_SECONDS", settings.run_seconds, MOST_RUN_SECONDS)
    if settings.backend == "google" and not settings.project:
        raise Permanent("GOOGLE_CLOUD_PROJECT is not set, and the google backend needs it")
    return settings


def _check_seconds(name: str, written: str, most: int) -> None:
    try:
        seconds = float(written)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= most:
        raise Permanent(f"{name} is {written!r}; write seconds from 1 to {most}")
