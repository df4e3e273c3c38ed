"""Versions people make in the console: judged as files are, published, and written back where possible."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.config.catalogue import Catalogue
from shared.config.fixes import Draft, beside, draft_of, file_of, judge
from shared.config.knowledge_files import sha_of
from shared.config.publish import business_reader, validate_file
from shared.config.validate import Reader, Validated
from shared.config.version_documents import Origin, version_from
from shared.config.versions import Publication, Version, Versions
from shared.config.write_back import WrittenBack, write_back
from shared.domain.errors import Permanent
from shared.domain.proposals import Fix

LOOKED_AT = 100
"""Versions back in which a file's words are looked for, to tell whether it was edited since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Makes versions of the desks there are."""

    versions: Versions
    catalogue: Callable[[], Catalogue]
    folder: Path  # of the desks' files; where it is not there, as in the cloud, nothing is read or written

    async def running(self, tenant: str, desk: str) -> Version:
        """The version a desk runs, with its text. Raises Permanent where it runs none."""
        published = await self.versions.published(desk)
        found = None
        if published is not None and published.tenant == tenant:
            found = await self.versions.read(tenant, desk, published.version)
        if found is None:
            raise Permanent(f"no desk {desk!r} of this business runs; look at its list of desks")
        return found

    async def knowledge(self, version: Version) -> dict[str, bytes]:
        """What a version knows, by path."""
        found = {
            path: await self.versions.knowledge(version.tenant, sha)
            for path, sha in version.knowledge.items()
        }
        return {path: content for path, content in found.items() if content is not None}

    async def fixed(self, version: Version, fix: Fix) -> Draft:
        """A version with a fix. Raises Permanent for a fix that cannot be made."""
        knowledge, bases = await self.knowledge(version), await self._bases(version.tenant)
        return await asyncio.to_thread(draft_of, version, fix, knowledge, self.catalogue(), bases)

    async def judged(self, version: Version, text: str) -> Validated:
        """What another text in place of a version's comes to, with the knowledge that version has."""
        bases = await self._bases(version.tenant)
        reader = beside(file_of(version), await self.knowledge(version), bases)
        return await asyncio.to_thread(judge, text, version, self.catalogue(), reader)

    async def publish(self, version: Version, text: str, *, origin: Origin, by: str) -> Publication:
        """Run a text made from the version that runs. Raises Permanent where it has problems, or another
        version runs by now.
        """
        judged = await self.judged(version, text)
        return await self.publish_judged(version, text, judged, origin=origin, by=by)

    async def publish_judged(
        self, version: Version, text: str, judged: Validated, *, origin: Origin, by: str
    ) -> Publication:
        """Run what a text made from `version` came to."""
        return await self.versions.publish_text(
            judged, text=text, origin=origin, by=by, file=file_of(version), onto=version.number
        )

    async def save(self, version: Version, text: str, *, by: str) -> Version:
        """Keep a text as a version without running it."""
        return await self.versions.save(
            await self.judged(version, text),
            tenant=version.tenant,
            desk=version.desk,
            text=text,
            origin="console",
            by=by,
            file=file_of(version),
        )

    async def file_of(self, tenant: str, desk: str) -> str:
        """Where the desk's file stands in the folder, or would stand."""
        for version in await self.versions.history(desk, limit=LOOKED_AT):
            if version.tenant == tenant and version.file:
                return version.file
        return f"{tenant}/{desk}.yaml"

    async def on_file(self, tenant: str, desk: str) -> Version | None:
        """What the desk's file says now, as a version that is not kept; None where there is no file."""
        file = await self.file_of(tenant, desk)
        path = self.folder / file
        if not await asyncio.to_thread(path.is_file):
            return None
        text, judged = await asyncio.to_thread(validate_file, path, self.catalogue(), folder=self.folder)
        shas = {name: sha_of(content) for name, content in judged.knowledge.items()}
        return version_from(judged, shas, of=(tenant, desk), origin="file", text=text, file=file)

    async def write_back(self, tenant: str, desk: str, number: int) -> WrittenBack:
        """Make the desk's file hold a version; what became of it."""
        version = await self.versions.read(tenant, desk, number)
        known = await self.versions.history(desk, limit=LOOKED_AT)
        if version is None:
            raise Permanent(f"the desk {desk!r} has no version {number}; see its history")

        async def content(sha: str) -> bytes | None:
            return await self.versions.knowledge(tenant, sha)

        return await write_back(self.folder, file_of(version), version, known, content)

    async def _bases(self, tenant: str) -> Reader:
        """What a text written in the console may read: nothing of another business."""
        others = {owner for owner, _ in await self.versions.desks()} - {tenant}
        return business_reader(self.folder, tenant, others)
