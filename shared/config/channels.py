"""Where a desk is reached: one block per channel, without a secret in it.

Every credential is a reference; left out, it is the platform's own (META_ACCESS_TOKEN,
META_APP_SECRET, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN). Calls and rooms go through the platform's LiveKit.
"""

from typing import Literal

from pydantic import Field

from shared.config.block import Block, Colour, Email, Id, Line, Origin, Phone, Secret, ServiceSid, Url, Words


class WebchatSettings(Block):
    """The widget on the business's site, and the page /chat/{desk}."""

    enabled: bool = Field(True, description="Whether the widget answers.")
    opening_line: Words | None = Field(None, description="What it says by itself when the page opens.")
    opening_delay: float = Field(2.0, ge=0, le=600, description="Seconds before it does.")
    starters: tuple[Line, ...] = Field((), max_length=6, description="Questions a visitor may tap.")
    origins: tuple[Origin, ...] = Field((), description="Sites that may embed it; none = our own page alone.")
    title: Line | None = Field(None, description="The widget's heading; the desk's name if left out.")
    colour: Colour | None = Field(None, description="The widget's colour; the theme's if left out.")
    widget_url: Url | None = Field(None, description="Where the business shows it, for people to find.")
    identity_secret: Secret | None = Field(
        None, description="Reference to the key by which the business's site signs who is signed in there."
    )


class ReopenTemplate(Block):
    """A template the vendor approved: all that may be sent outside the reply window."""

    name: Line = Field(description="Its name at the vendor, or Twilio's content sid.")
    language: Line = Field("en", description="Its language as the vendor spells it, e.g. en_US.")
    text: Words | None = Field(None, description="What it says, {{1}} for its first placeholder: for people.")


class WhatsappSettings(Block):
    """A WhatsApp number, at Meta or through Twilio."""

    enabled: bool = Field(True, description="Whether the number answers.")
    provider: Literal["meta", "twilio"] = Field("meta", description="Who carries it.")
    phone_number_id: Line | None = Field(None, description="Meta's id of the number; Meta needs it.")
    phone_number: Phone | None = Field(None, description="The number itself; Twilio needs it.")
    messaging_service_sid: ServiceSid | None = Field(
        None, description="Twilio's messaging service, in the number's place or beside it."
    )
    access_token: Secret | None = Field(None, description="Meta: reference to the access token.")
    app_secret: Secret | None = Field(None, description="Meta: reference to the app's secret.")
    account_sid: Line | None = Field(None, description="Twilio: account sid, or a reference to it.")
    auth_token: Secret | None = Field(None, description="Twilio: reference to the auth token.")
    template: ReopenTemplate | None = Field(None, description="Opens a conversation anew after 24 hours.")
    templates: tuple[Line | ReopenTemplate, ...] = Field(
        (), description="Other approved templates the desk may use."
    )
    business_profile: Line | None = Field(None, description="Name of the business profile, for people.")
    media: bool = Field(True, description="Whether pictures and files are sent.")

    @property
    def account(self) -> str:
        """The account its webhooks name."""
        return next(iter(self.accounts), "")

    @property
    def accounts(self) -> tuple[str, ...]:
        """All it is reached by: Meta's number, or Twilio's and the service that may hold others."""
        twilio = (self.phone_number, self.messaging_service_sid)
        return tuple(filter(None, (self.phone_number_id,) if self.provider == "meta" else twilio))


class InstagramSettings(Block):
    """An Instagram professional account."""

    enabled: bool = Field(True, description="Whether direct messages are answered.")
    account_id: Line | None = Field(None, description="Meta's id of the account, digits in quotes.")
    access_token: Secret | None = Field(None, description="Reference to the account's access token.")
    app_secret: Secret | None = Field(None, description="Reference to the app's secret.")
    app_id: Line | None = Field(None, description="Our app's id, by which our own echoes are known.")
    handle: Line | None = Field(None, description="The account's user name, for people.")

    @property
    def account(self) -> str:
        """The account its webhooks name."""
        return self.account_id or ""


class SmsSettings(Block):
    """A number for text messages."""

    enabled: bool = Field(True, description="Whether the number answers.")
    provider: Literal["twilio"] = Field("twilio", description="Who carries it.")
    phone_number: Phone | None = Field(None, description="The number, or else a messaging service.")
    messaging_service_sid: ServiceSid | None = Field(
        None, description="Twilio's messaging service, for several numbers."
    )
    account_sid: Line | None = Field(None, description="Account sid, or a reference to it.")
    auth_token: Secret | None = Field(None, description="Reference to the auth token.")
    opt_in_required: bool = Field(True, description="Write first only to those who agreed.")

    @property
    def account(self) -> str:
        """The account its webhooks name."""
        return next(iter(self.accounts), "")

    @property
    def accounts(self) -> tuple[str, ...]:
        """All it is reached by: its number, and the service that may hold others."""
        return tuple(filter(None, (self.phone_number, self.messaging_service_sid)))


class EmailSettings(Block):
    """An address the desk writes from."""

    enabled: bool = Field(True, description="Whether mail is sent and answered.")
    provider: Literal["sendgrid", "smtp"] = Field("sendgrid", description="Who carries it.")
    address: Email | None = Field(None, description="The address it writes from.")
    sender_name: Line | None = Field(None, description="The name beside it; the desk's if left out.")
    api_key: Secret | None = Field(None, description="Reference to the provider's key.")
    templates: tuple[Line, ...] = Field((), description="Templates the desk may use.")

    @property
    def account(self) -> str:
        """The account mail to it names."""
        return (self.address or "").lower()


class PhoneSettings(Block):
    """Telephone numbers that ring at the desk; `voice` says how it sounds."""

    enabled: bool = Field(True, description="Whether calls are answered.")
    provider: Literal["livekit_sip"] = Field("livekit_sip", description="Who carries calls.")
    numbers: tuple[Phone, ...] = Field((), description="The numbers, quoted.")
    sip_trunk: Line | None = Field(
        None, description="Name or id of the SIP trunk calls go out by; the one with the number if left out."
    )
    ivr: bool = Field(False, description="Whether callers may choose by keys.")


class RoomSettings(Block):
    """A voice room in the browser."""

    enabled: bool = Field(True, description="Whether rooms are opened.")
    provider: Literal["livekit_web"] = Field("livekit_web", description="Who carries rooms.")
    room_prefix: Id = Field("voice_", description="How room names begin.")
    max_seconds: int = Field(1800, ge=30, le=14_400, description="Longest stay in a room.")


class ApiSettings(Block):
    """The business's own systems, which write and read by the REST interface."""

    enabled: bool = Field(True, description="Whether the interface is open to the tenant's keys.")
    webhook_url: Url | None = Field(None, description="Where replies are posted to, signed.")
    webhook_secret: Secret | None = Field(None, description="Reference to the key that signs them.")


class Channels(Block):
    """Every channel; one left out is off."""

    webchat: WebchatSettings | None = Field(None, description="Chat on the business's site.")
    whatsapp: WhatsappSettings | None = Field(None, description="WhatsApp.")
    instagram: InstagramSettings | None = Field(None, description="Instagram direct messages.")
    sms: SmsSettings | None = Field(None, description="Text messages.")
    email: EmailSettings | None = Field(None, description="Mail.")
    phone: PhoneSettings | None = Field(None, description="Calls.")
    room: RoomSettings | None = Field(None, description="Voice in the browser.")
    api: ApiSettings | None = Field(None, description="The business's own systems.")
