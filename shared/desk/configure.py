"""What supervisors do to a desk's configuration: keep a draft, publish, roll back, settle with its file."""

import msgspec

from shared.config.publish import publish_file
from shared.config.versions import Publication, Version
from shared.desk.services import Services
from shared.domain.colleagues import Actor, at_least
from shared.domain.errors import Contested, Permanent


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """What a change of a desk came to, in words for whoever made it."""

    version: int  # the one that runs now
    said: str
    written: str = ""  # what became of the desk's file


async def keep_draft(services: Services, tenant: str, desk: str, *, text: str, by: Actor) -> Version:
    """Keep a text as a version that does not run; its problems are told with it."""
    _may(by)
    text = text.replace("\r\n", "\n")
    if not text.strip():
        raise Permanent("the text is empty; write the desk's file")
    running = await services.drafts.running(tenant, desk)
    return await services.drafts.save(running, text, by=by.name or by.id)


async def publish_draft(
    services: Services, tenant: str, desk: str, number: int, *, onto: int, by: Actor
) -> Configured:
    """Run a kept version in place of `onto`, the one its difference was shown against.

    Raises Contested where another runs by now, Permanent where it has problems.
    """
    _may(by)
    running = await services.drafts.running(tenant, desk)
    if running.number != onto:
        raise Contested(
            f"version {running.number}, by {running.by}, runs since you looked; compare again, then publish"
        )
    done = await services.versions.publish(tenant, desk, number, by=by.name or by.id, onto=onto)
    return await _settled(services, done, f"Version {done.version} runs now.")


async def roll_back(services: Services, tenant: str, desk: str, number: int, *, by: Actor) -> Configured:
    """Run an older version again, as a new one. Raises Permanent where it cannot run."""
    _may(by)
    await services.drafts.running(tenant, desk)  # the desk is this business's
    done = await services.versions.rollback(desk, number, by=by.name or by.id)
    return await _settled(services, done, f"Version {number} runs again, as version {done.version}.")


async def take_file(services: Services, tenant: str, desk: str, *, by: Actor) -> Configured:
    """Run what the desk's file says, where it differs from what was made here."""
    _may(by)
    drafts = services.drafts
    file = await drafts.file_of(tenant, desk)
    result = await publish_file(
        drafts.folder / file,
        services.versions,
        drafts.catalogue(),
        folder=drafts.folder,
        by=by.name or by.id,
        overwrite=True,
    )
    if result.version is None:
        raise Permanent(str(result.problems[0]))
    return Configured(version=result.version, said=f"Version {result.version} runs now, as the file says.")


async def _settled(services: Services, done: Publication, said: str) -> Configured:
    """With its file made to say what runs, where that can be."""
    if done.outcome == "unchanged":
        return Configured(
            version=done.version, said=f"Version {done.version} does the same already; nothing changed."
        )
    services.versions.forget(done.desk)
    written = await services.drafts.write_back(done.tenant, done.desk, done.version)
    return Configured(version=done.version, said=said, written=written.said)


def _may(by: Actor) -> None:
    if not at_least(by.role, "supervisor"):
        raise Permanent("a supervisor changes a desk; ask one")
