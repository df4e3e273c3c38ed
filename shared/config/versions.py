"""What runs is the published version in the Store: drafts, publishing, rollback, and who owns which account.

Documents of a tenant: `desks/{desk}` names the published version, `desks/{desk}/versions/{number}` holds
each version whole, `knowledge_files/{sha256}` the bytes its desk knows. Of the platform: `desks/{desk}`
says whose a desk is, `routes/{digest}` whose an account. Publishing writes all of them in one commit.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta

from shared.config.knowledge_files import content_of, keep, sha_of
from shared.config.routes import Routes
from shared.config.validate import Validated
from shared.config.version_documents import (
    SHAPE,
    Origin,
    Publication,
    Published,
    Version,
    document_of,
    head_write,
    number_in,
    path_of,
    running,
    standing,
    text_in,
    version_from,
    version_of,
)
from shared.domain.errors import AlreadyExists, Permanent, PreconditionFailed, Transient
from shared.domain.instants import stamp
from shared.ports import Clock, Create, Data, Document, Put, Query, Write
from shared.security.tenancy import PlatformStore, TenantStore

__all__ = ["Publication", "Published", "Version", "Versions"]
FRESH = timedelta(seconds=2)
"""How long a process goes without asking which version is published."""
_KEPT = 256  # desks and parsed versions a process keeps
_TRIES = 4


class Versions:
    """Every desk's versions."""

    def __init__(self, store: PlatformStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._routes = Routes(store)
        self._owners: dict[tuple[str, str], tuple[datetime, tuple[str, str]]] = {}
        self._latest: dict[str, tuple[datetime, tuple[str, int] | None]] = {}
        self._parsed: OrderedDict[tuple[str, int], Published] = OrderedDict()

    async def published(self, desk: str) -> Published | None:
        """The version a desk runs, at most two seconds old; None where it runs none."""
        known = self._latest.get(desk)
        if known is None or known[0] <= self._clock.now():
            document = await self._store.get(f"desks/{desk}") if _is_name(desk) else None
            found = (text_in(document, "tenant"), number_in(document, "published")) if document else None
            known = (self._clock.now() + FRESH, found)
            if len(self._latest) >= _KEPT:  # anybody may ask for desks that are not there
                self._latest.clear()
            self._latest[desk] = known
        return await self.version(desk, known[1][1]) if known[1] and known[1][1] else None

    async def version(self, desk: str, number: int) -> Published | None:
        """A version that was published, however old; a run stays on the one it began with."""
        parsed = self._parsed.get((desk, number))
        if parsed is None:
            tenant = await self.tenant_of(desk)
            found = await self.read(tenant, desk, number) if tenant else None
            if found is None or found.config is None:
                return None
            parsed = running(found, found.config)
            self._parsed[desk, number] = parsed
            while len(self._parsed) > _KEPT:
                self._parsed.popitem(last=False)
        return parsed

    def forget(self, desk: str) -> None:
        """Ask the Store at the next call: it was published."""
        self._latest.pop(desk, None)
        self._owners.clear()

    async def tenant_of(self, desk: str) -> str | None:
        """Whose a desk is."""
        document = await self._store.get(f"desks/{desk}") if _is_name(desk) else None
        return text_in(document, "tenant") if document else None

    async def route(self, channel: str, account: str) -> tuple[str, str] | None:
        """Tenant and desk that an account belongs to, at most two seconds old; or None."""
        known = self._owners.get((channel, account))
        if known is None or known[0] <= self._clock.now():
            owner = await self._routes.owner(channel, account)
            if owner is None:  # anybody may write to accounts that are not there
                return None
            if len(self._owners) >= _KEPT:
                self._owners.clear()
            known = self._owners[channel, account] = (self._clock.now() + FRESH, owner)
        return known[1]

    async def desks(self) -> list[tuple[str, str]]:
        """Tenant and id of every desk that was ever published, by id."""
        found: list[tuple[str, str]] = []
        cursor = None
        while True:
            page = await self._store.query("desks", Query(cursor=cursor))
            found += [(text_in(document, "tenant"), document.name) for document in page.documents]
            cursor = page.cursor
            if cursor is None:
                return sorted(found, key=lambda pair: pair[1])

    async def running(self, tenant: str) -> list[Published]:
        """What the desks of a tenant run, by their ids."""
        found = [await self.published(desk) for owner, desk in await self.desks() if owner == tenant]
        return [one for one in found if one]

    async def history(self, desk: str, *, limit: int = 20) -> list[Version]:
        """A desk's versions, newest first."""
        tenant = await self.tenant_of(desk)
        if tenant is None:
            return []
        order = Query(order=("-number",), limit=limit)
        page = await self._store.tenant(tenant).query(f"desks/{desk}/versions", order)
        return [version_of(tenant, desk, document) for document in page.documents]

    async def knowledge(self, tenant: str, sha: str) -> bytes | None:
        """The bytes of a knowledge file by its hash."""
        return await content_of(self._store.tenant(tenant), sha)

    async def save(
        self,
        validated: Validated,
        *,
        tenant: str,
        desk: str,
        text: str,
        origin: Origin,
        by: str,
        file: str = "",
    ) -> Version:
        """Keep a version without running it: `draft` while it has problems, else `validated`."""
        await self._owned(tenant, desk)
        store = self._store.tenant(tenant)
        knowledge = await keep(store, validated.knowledge)
        for _ in range(_TRIES):
            head = await store.get(f"desks/{desk}")
            version = version_from(
                validated,
                knowledge,
                of=(tenant, desk),
                number=number_in(head, "latest") + 1,
                origin=origin,
                by=by,
                at=stamp(self._clock.now()),
                text=text,
                file=file,
            )
            try:
                new = Create(path_of(version), document_of(version))
                changed: Data = {"latest": version.number, "at": version.at}
                await store.commit([head_write(head, desk, changed), new])
            except (AlreadyExists, PreconditionFailed):
                continue
            return version
        raise Transient(f"the desk {desk!r} is being changed by others; try again", retry_after=1)

    async def publish(
        self, tenant: str, desk: str, number: int, *, by: str, onto: int | None = None
    ) -> Publication:
        """Run a version that was saved and validated. Raises Permanent where it cannot run, or `onto` does
        not run any more.
        """
        saved = await self.read(tenant, desk, number)
        if saved is None or saved.config is None:
            why = "; ".join(map(str, saved.problems[:3])) if saved else "there is no such version"
            raise Permanent(f"version {number} of the desk {desk!r} cannot be published: {why}")
        return await self._go_live(saved, by=by, saved=True, onto=onto)

    async def publish_text(
        self,
        validated: Validated,
        *,
        text: str,
        origin: Origin,
        by: str,
        file: str = "",
        overwrite: bool = False,
        onto: int | None = None,
    ) -> Publication:
        """Run what a text came to, in one commit, unless it runs already.

        A file never overwrites a version made elsewhere: `kept` while the file is as it last was,
        `differs` when it changed; `overwrite` decides for the file. Raises Permanent where the text has
        problems, another business has the desk's id, another desk an account, or `onto`, the version
        the text was made from, does not run any more.
        """
        of = _desk_of(validated)
        await self._owned(*of)
        version = version_from(
            validated,
            await keep(self._store.tenant(of[0]), validated.knowledge),
            of=of,
            origin=origin,
            by=by,
            at=stamp(self._clock.now()),
            text=text,
            file=file,
        )
        return await self._go_live(version, by=by, overwrite=overwrite, onto=onto)

    async def outlook(self, validated: Validated) -> Publication:
        """What `publish_text` of a file would come to now; nothing is changed. Raises as it does."""
        tenant, desk = of = _desk_of(validated)
        await self._owned(tenant, desk)
        knowledge = {path: sha_of(content) for path, content in validated.knowledge.items()}
        version = version_from(validated, knowledge, of=of, origin="file")
        head = await self._store.tenant(tenant).get(f"desks/{desk}")
        runs = number_in(head, "published")
        current = await self.read(tenant, desk, runs) if runs else None
        why_not = standing(version, current, head, overwrite=False)
        if why_not:
            return Publication(outcome=why_not, tenant=tenant, desk=desk, version=runs)
        await self._accounts(version, current)
        number = number_in(head, "latest") + 1
        return Publication(
            outcome="published", tenant=tenant, desk=desk, version=number, previous=runs or None
        )

    async def rollback(self, desk: str, number: int, *, by: str) -> Publication:
        """Run an older version again, as a new one."""
        tenant = await self.tenant_of(desk)
        old = await self.read(tenant, desk, number) if tenant else None
        if old is None or old.config is None:
            raise Permanent(f"the desk {desk!r} has no version {number} that could run; see its history")
        again = replace(old, number=0, origin="rollback", by=by, at=stamp(self._clock.now()))
        return await self._go_live(again, by=by)

    async def _go_live(
        self,
        version: Version,
        *,
        by: str,
        saved: bool = False,
        overwrite: bool = False,
        onto: int | None = None,
    ) -> Publication:
        for _ in range(_TRIES):
            try:
                return await self._try_live(version, by=by, saved=saved, overwrite=overwrite, onto=onto)
            except (AlreadyExists, PreconditionFailed):
                continue  # somebody else published meanwhile: decide anew
        raise Transient(f"the desk {version.desk!r} is being changed by others; try again", retry_after=1)

    async def _try_live(
        self, version: Version, *, by: str, saved: bool, overwrite: bool, onto: int | None
    ) -> Publication:
        tenant, desk = version.tenant, version.desk
        store = self._store.tenant(tenant)
        head = await store.get(f"desks/{desk}")
        runs = number_in(head, "published")
        current = await self.read(tenant, desk, runs) if runs else None
        why_not = standing(version, current, head, overwrite=overwrite)
        if why_not:
            await self._remember_file(store, head, version, why_not)
            return Publication(outcome=why_not, tenant=tenant, desk=desk, version=runs)
        if onto not in (None, runs):
            raise Permanent(
                f"{desk!r} runs version {runs} by now, this was made from {onto}; look at it again"
            )
        now = stamp(self._clock.now())
        number = version.number if saved else number_in(head, "latest") + 1
        live = replace(version, number=number, status="published", published_at=now, by=by)
        changed: Data = {"published": number, "latest": max(number, number_in(head, "latest")), "at": now}
        if live.origin == "file":
            changed["file_digest"] = live.digest
        body = document_of(live)
        writes: list[Write] = [head_write(head, desk, changed)]
        writes.append(Put(path_of(live), body) if saved else Create(path_of(live), body))
        ours = await self._ownership(live) + await self._accounts(live, current)
        await self._store.commit_with(tenant, ours=ours, theirs=writes)
        self.forget(desk)
        return Publication(
            outcome="published", tenant=tenant, desk=desk, version=number, previous=runs or None
        )

    async def _remember_file(
        self, store: TenantStore, head: Document | None, version: Version, why_not: str
    ) -> None:
        """A file that came to equal what runs is the file last seen."""
        known = head.data.get("file_digest") if head else None
        if why_not == "unchanged" and version.origin == "file" and known != version.digest:
            await store.commit([head_write(head, version.desk, {"file_digest": version.digest})])

    async def _ownership(self, version: Version) -> list[Write]:
        path = f"desks/{version.desk}"
        document = await self._store.get(path)
        data: Data = {"shape": SHAPE, "tenant": version.tenant, "published": version.number}
        if document is None:
            return [Create(path, data)]
        if document.data.get("tenant") != version.tenant:
            raise _taken(version.desk)
        return [Put(path, data, document.version)]

    async def _accounts(self, version: Version, current: Version | None) -> list[Write]:
        assert version.config is not None  # noqa: S101 - every caller checked it
        before = current.config if current else None
        return await self._routes.writes(version.tenant, version.desk, version.config, before)

    async def _owned(self, tenant: str, desk: str) -> None:
        owner = await self.tenant_of(desk)
        if owner not in (None, tenant):
            raise _taken(desk)

    async def read(self, tenant: str, desk: str, number: int) -> Version | None:
        """A version whole, with its text, whatever became of it."""
        document = await self._store.tenant(tenant).get(f"desks/{desk}/versions/{number:06d}")
        return version_of(tenant, desk, document) if document else None


def _desk_of(validated: Validated) -> tuple[str, str]:
    """Tenant and desk of what may run. Raises Permanent with the first problems of what may not."""
    if validated.config is None:
        raise Permanent("; ".join(map(str, validated.problems[:3])))
    return validated.config.tenant.id, validated.config.desk.id


def _is_name(desk: str) -> bool:
    return bool(desk) and "/" not in desk and desk not in (".", "..")


def _taken(desk: str) -> Permanent:
    return Permanent(f"the desk id {desk!r} belongs to another business here; choose another desk.id")
