"""Keys and addresses of the vendors of speech for one call: the tenant's own first, then the platform's."""

from dataclasses import dataclass, field

import aiohttp

from shared.config.settings import Settings
from shared.config.speech_vendors import VENDORS
from shared.config.voice import Ear, Mouth, Voice
from shared.domain.errors import NotConnected
from shared.ports import Secrets
from shared.security.tenant_secrets import secret_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechKeys:
    """What vendors of speech are asked with. `session` is for use outside of a LiveKit job."""

    settings: Settings
    own: dict[str, str] = field(default_factory=dict)  # reference as the file writes it -> the key
    session: aiohttp.ClientSession | None = None

    def key(self, one: Ear | Mouth) -> str:
        """The key to ask this vendor with. Raises NotConnected where there is none."""
        if one.provider is None:
            raise NotConnected("voice.stt and voice.tts need a provider; write e.g. provider: deepgram")
        if one.api_key:
            if own := self.own.get(one.api_key):
                return own
            raise NotConnected(f"{one.provider}: {one.api_key} is not set; set it, or leave api_key out")
        vendor = VENDORS[one.provider]
        found = str(getattr(self.settings, vendor.field))
        if not found:
            raise NotConnected(f"{one.provider}: {vendor.setting} is not set, and this voice needs it")
        return found


async def speech_keys(
    settings: Settings,
    secrets: Secrets,
    tenant: str,
    voice: Voice,
    *,
    session: aiohttp.ClientSession | None = None,
) -> SpeechKeys:
    """The keys a desk's voice is spoken with, each of the tenant's own looked up once."""
    blocks: list[Ear | Mouth] = []
    for block in (voice.stt, voice.tts, *(tier.tts for tier in voice.tiers.levels)):
        if block:
            blocks += [block, *block.fallbacks]
    own = {}
    for reference in {one.api_key for one in blocks if one.api_key}:
        if value := await secret_of(secrets, tenant, reference):
            own[reference] = value
    return SpeechKeys(settings=settings, own=own, session=session)
