"""`dead`, `replay`, `parked` and `hand-back`: what waits for people, from a terminal."""

import asyncio

from house import until

from shared.desk.commit import Change, commit
from shared.desk.record import record_message
from shared.domain.content import Content
from shared.domain.conversation import Head
from shared.domain.errors import Permanent
from shared.domain.events import MessageReceived, Sender

TOLD = MessageReceived(
    event_id="e1",
    channel="whatsapp",
    account="100",
    sender=Sender(id="919812345678", name="Asha"),
    message_id="m1",
    at="2026-11-20T12:00:00.000000Z",
    content=Content(text="Is anybody there?"),
)


def kill(terminal, letters):
    """Let the handler of so many facts give up."""

    async def work(process):
        for number in range(letters):
            await process.ports.bus.publish("delivery-reported", b"fact %d" % number)

        async def refuse(_):
            raise Permanent("its desk\nis gone")

        async def all_dead():
            return letters == len(await process.ports.bus.dead())

        running = asyncio.create_task(process.opened.bus.run(refuse))
        await until(all_dead)
        await process.opened.bus.stop()
        await running

    terminal.within(work)


async def dead_letters(process):
    return await process.ports.bus.dead()


def test_dead_letters_are_listed_with_their_reason_and_without_their_words(terminal):
    """Whoever mends them sees which handler gave up and why, never a customer's words."""
    assert "No dead letters.\n" == terminal.run("dead").out
    kill(terminal, 1)

    said = terminal.run("dead")

    assert 0 == said.code
    assert "record_delivery  its desk is gone" in said.out
    assert "fact 0" not in said.out
    assert "frontdesk replay" in said.out


def test_a_letter_is_replayed_by_its_name_once(terminal):
    """A replayed letter is dead no more; a second time it is unknown, and the command exits with 1."""
    kill(terminal, 1)
    (letter,) = terminal.within(dead_letters)

    assert 0 == terminal.run("replay", letter.id).code
    assert [] == terminal.within(dead_letters)
    assert 1 == terminal.run("replay", letter.id).code


def test_all_letters_are_replayed_when_all_is_asked_for(terminal):
    """--all takes every letter; neither a letter nor --all, or both, is wrong use."""
    kill(terminal, 3)

    assert 2 == terminal.run("replay").code
    assert 2 == terminal.run("replay", "1", "--all").code
    assert "Letters to be told again: 3; they wait until" in terminal.run("replay", "--all").words
    assert [] == terminal.within(dead_letters)


def test_parked_messages_show_their_account_and_their_words_only_when_asked(terminal):
    """The agency sees where messages went that no desk has, and reads them only on purpose."""
    assert "No parked messages.\n" == terminal.run("parked").out

    async def work(process):
        await record_message(await process.services(), TOLD)

    terminal.within(work)

    said = terminal.run("parked")
    assert "2026-11-20 12:00:00  whatsapp  100" in said.out
    assert "anybody" not in said.out + said.err
    assert "Is anybody there?" in terminal.run("parked", "--words").out


def test_a_conversation_is_handed_back_to_its_desk_once(terminal):
    """The desk has the word again; a conversation no person has cannot be handed back."""

    async def work(process):
        services = await process.services()
        head = Head(
            desk="front",
            channel="webchat",
            account="front",
            contact="c",
            customer="k",
            state="human_active",
            pending=2,
            answered=1,
        )
        await commit(services.ports, services.tenant("bakery"), "talk", lambda _head, _rev: Change(head=head))

    terminal.within(work)

    said = terminal.run("hand-back", "talk", "--tenant", "bakery")
    assert (0, "The desk front has conversation talk again; the desk answers what waits.") == (
        said.code,
        said.words,
    )
    assert 1 == terminal.run("hand-back", "talk", "--tenant", "bakery").code
    assert 1 == terminal.run("hand-back", "nothing", "--tenant", "bakery").code
