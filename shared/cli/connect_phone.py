"""`connect phone`: has LiveKit take the calls to a desk's numbers, and says what to enter at the carrier."""

from argparse import Namespace
from typing import TYPE_CHECKING

from shared.bootstrap import Process
from shared.cli.layout import say
from shared.cli.shape import FOUND, OK
from shared.config.settings import Settings
from shared.config.versions import Published
from shared.desk.calls.rooms import plan_of
from shared.domain.call_rooms import Trunk
from shared.domain.errors import Permanent, Transient

if TYPE_CHECKING:
    from shared.integrations.livekit import LiveKit

Lines = tuple[str, ...]


async def connect_phone(process: Process, chosen: Namespace) -> int:
    """Settings, LiveKit, trunk, rule, the way out; each must hold before the next. Run again, it changes
    nothing that is right already.
    """
    services = await process.services()
    try:
        published = await services.versions.published(chosen.desk)
        numbers = _numbers(published, chosen.desk)
        livekit = services.livekit()
        _told("settings", f"LIVEKIT_URL is {livekit.url}, key and secret are set")
        _told("desk", f"{', '.join(numbers)}, answered as {livekit.agent!r}")
        await livekit.rooms()
        _told("livekit", "answers, and takes our key")
        if published is not None:
            await _inward(livekit, published, numbers, tuple(chosen.networks or ()))
            await _outward(livekit, process.settings, published, numbers)
    except (Permanent, Transient) as error:
        say(f"failed: {error}", rest="  ")
        return FOUND
    _at_the_carrier(process.settings, numbers)
    return OK


def _numbers(published: Published | None, desk: str) -> Lines:
    """The desk's numbers. Raises Permanent naming what its file lacks."""
    own = published.config.channels.phone if published else None
    if published is None or own is None or not own.enabled or not own.numbers:
        raise Permanent(
            f"desk {desk} has no number that is published; write channels: {{phone: {{numbers: "
            '["+91…"]}} in its file and publish it'
        )
    if not published.config.voice.enabled:
        raise Permanent(f"desk {desk} has no voice; write voice: {{enabled: true, …}} in its file")
    return own.numbers


async def _inward(livekit: "LiveKit", published: Published, numbers: Lines, networks: Lines) -> None:
    name = f"frontdesk {published.desk}"
    trunk = _carrying(await livekit.trunks("in"), name, numbers)
    if trunk is None:
        trunk = await livekit.add_inbound_trunk(name, numbers, networks)
        how = "made"
    elif set(trunk.numbers) != set(numbers) and trunk.name == name:
        await livekit.set_inbound_numbers(trunk.id, numbers)
        how = "brought up to date"
    else:
        how = "found"
    _told("calls in", f"trunk {trunk.id} {how}")
    if how == "made" and not networks:
        say(
            "! it takes calls from anybody who knows its address; name your carrier's networks with --from",
            rest="  ",
        )
    rule = await livekit.rule(
        trunk.id,
        name,
        f"call-{published.desk}-",
        plan_of(published.tenant, published.desk),
        # Alone on its trunk the desk takes whatever comes, however the network writes the number.
        numbers=() if set(trunk.numbers) <= set(numbers) else numbers,
    )
    _told("rule", f"{rule}: each caller has a room of their own, with the agent in it")


def _carrying(trunks: tuple[Trunk, ...], name: str, numbers: Lines) -> Trunk | None:
    """The trunk that is ours by its name, else one that takes all the numbers already."""
    ours = next((one for one in trunks if one.name == name), None)
    return ours or next((one for one in trunks if set(numbers) <= set(one.numbers)), None)


async def _outward(livekit: "LiveKit", settings: Settings, published: Published, numbers: Lines) -> None:
    if not published.config.voice.outbound.enabled:
        say("        calls out: none; voice.outbound.enabled would have the desk make some", rest=" " * 8)
        return
    name = f"frontdesk {published.desk}"
    trunk = _carrying(await livekit.trunks("out"), name, numbers)
    if trunk is not None:
        _told("calls out", f"trunk {trunk.id} found")
        return
    if not settings.sip_trunk_host:
        raise Permanent(
            "calls out: no trunk has the desk's numbers; set SIP_TRUNK_HOST (at Twilio the termination URI, "
            "acme.pstn.twilio.com), SIP_TRUNK_USERNAME and SIP_TRUNK_PASSWORD, and try again"
        )
    made = await livekit.add_outbound_trunk(
        name,
        numbers,
        host=settings.sip_trunk_host,
        username=settings.sip_trunk_username,
        password=settings.sip_trunk_password,
    )
    _told("calls out", f"trunk {made.id} made, through {settings.sip_trunk_host}")


def _at_the_carrier(settings: Settings, numbers: Lines) -> None:
    host = settings.sip_host or "…"
    where = "" if settings.sip_host else " (LiveKit's SIP address: its console shows it, or LIVEKIT_SIP_HOST)"
    say("At the carrier; at Twilio under Elastic SIP Trunking:", rest="  ")
    steps = (
        "make a trunk; its domain ends in .pstn.twilio.com, and calls out go to it (SIP_TRUNK_HOST)",
        f"Origination: add the URI sip:{host};transport=tcp{where}",
        "Termination, where the desk calls out: a credential list with SIP_TRUNK_USERNAME and _PASSWORD",
        f"Numbers: put {', '.join(numbers)} onto the trunk",
        f"at LiveKit, enter the webhook {settings.address}/webhooks/livekit, signed with LIVEKIT_API_KEY",
    )
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}", indent="  ", rest="     ")


def _told(step: str, how: str) -> None:
    say(f"ok      {step}: {how}", rest=" " * 8)
