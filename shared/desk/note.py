"""Leaves a note on a conversation that only colleagues see, in any state, whoever has it."""

import msgspec

from shared.desk.commit import as_data
from shared.desk.services import Services
from shared.desk.surroundings import Move, Scene, change
from shared.domain.colleagues import Actor
from shared.domain.errors import AlreadyExists, Permanent
from shared.domain.identity import digest, new_id
from shared.domain.instants import stamp
from shared.domain.notes import Note, note_path
from shared.ports import Create

LONGEST = 10_000  # characters


async def note(
    services: Services, tenant: str, conversation: str, *, text: str, by: Actor, client_id: str = ""
) -> Note:
    """Write the note down; under one `client_id` once. Raises Permanent for an empty or too long one."""
    store = services.tenant(tenant)
    text = text.strip()
    if not text:
        raise Permanent("a note needs words")
    if len(text) > LONGEST:
        raise Permanent(f"a note has at most {LONGEST} characters; this one has {len(text)}")
    once = f"conversations/{conversation}/noted/{digest('noted', client_id or new_id())}"
    written: list[Note] = []

    def decide(scene: Scene) -> Move:
        written.clear()
        new = Note(rev=scene.rev, at=stamp(scene.now), by=by.id, name=by.name, text=text)
        written.append(new)
        path = note_path(conversation, scene.rev)
        kept = Create(once, {"shape": 1, "note": path}, expires=scene.until)
        return Move(head=scene.head, writes=[Create(path, as_data(new), expires=scene.until), kept])

    try:
        await change(services, store, conversation, decide, by=by)
    except AlreadyExists:
        former = await store.get(once)
        found = await store.get(str(former.data["note"])) if former else None
        if found is None:
            raise
        return msgspec.convert(found.data, Note)
    return written[0]
