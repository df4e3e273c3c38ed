"""Bus: a fact told at least once to every handler of its topic, and set aside where nobody can take it."""

import asyncio

import pytest
from harness import until

from shared.domain.errors import Permanent, Transient


async def remember(harness, topic, handler):
    """Subscribe `handler`; what it hears is appended to the list."""
    heard = []

    async def hear(told):
        heard.append(told)

    await harness.subscribe(topic, handler, hear)
    return heard


async def letters(bus, count):
    """The dead letters once there are `count`."""
    for _ in range(2000):
        dead = await bus.dead()
        if len(dead) >= count:
            return dead
        await asyncio.sleep(0.02)
    pytest.fail(f"never {count} dead letters")


async def test_every_handler_of_a_topic_hears_a_message(harness, bus):
    """Each subscribed handler is told topic, body and attributes."""
    one = await remember(harness, "message-received", "record_message")
    two = await remember(harness, "message-received", "observe_message")
    await bus.publish("message-received", b'{"text": "\xc3\xa9"}', attributes={"tenant": "acme", "n": "1"})

    await until(lambda: one and two)
    for told in (one[0], two[0]):
        assert told.topic == "message-received"
        assert told.body == b'{"text": "\xc3\xa9"}'
        assert told.attributes["tenant"] == "acme"
        assert told.attributes["n"] == "1"


async def test_other_topics_are_not_heard(harness, bus):
    """A handler hears its own topic alone."""
    mine = await remember(harness, "mine-told", "mine")
    theirs = await remember(harness, "theirs-told", "theirs")
    await bus.publish("theirs-told", b"1")
    await bus.publish("mine-told", b"2")

    await until(lambda: mine and theirs)
    assert [told.body for told in mine] == [b"2"]


async def test_a_handler_may_hear_several_topics(harness, bus):
    """Each message says which topic it is of."""
    heard = []

    async def hear(told):
        heard.append((told.topic, told.body))

    await harness.subscribe("first-told", "both_first", hear)
    await harness.subscribe("second-told", "both_second", hear)
    await bus.publish("first-told", b"1")
    await bus.publish("second-told", b"2")

    await until(lambda: len(heard) == 2)
    assert sorted(heard) == [("first-told", b"1"), ("second-told", b"2")]


async def test_a_burst_is_heard_entirely(harness, bus):
    """Of many messages none is lost, though the order is not promised."""
    heard = await remember(harness, "burst-told", "count_burst")
    await asyncio.gather(*(bus.publish("burst-told", str(number).encode()) for number in range(300)))

    await until(lambda: len({told.body for told in heard}) == 300)
    assert {int(told.body) for told in heard} == set(range(300))


async def test_bodies_are_bytes_of_any_kind_and_size(harness, bus):
    """A body comes back byte for byte, also every byte there is and a hundred kilobytes."""
    heard = await remember(harness, "bytes-told", "take_bytes")
    body = bytes(range(256)) * 400
    await bus.publish("bytes-told", body)

    await until(lambda: heard)
    assert heard[0].body == body


async def test_a_failing_handler_hears_it_again(harness, bus):
    """A handler that raises is told again until it succeeds."""
    attempts = []

    async def fail_twice(told):
        attempts.append(told.body)
        if len(attempts) < 3:
            raise Transient("not yet")

    await harness.subscribe("stubborn-told", "stubborn", fail_twice)
    await bus.publish("stubborn-told", b"x")

    await until(lambda: len(attempts) == 3)
    assert await bus.dead() == []


async def test_a_failure_of_one_handler_does_not_concern_the_others(harness, bus):
    """Each handler has its own attempts."""
    good = await remember(harness, "shared-told", "good_one")
    tried = []

    async def fail_once(told):
        tried.append(told.body)
        if len(tried) == 1:
            raise RuntimeError("first try")

    await harness.subscribe("shared-told", "bad_one", fail_once)
    await bus.publish("shared-told", b"x")

    await until(lambda: len(tried) == 2)
    assert [told.body for told in good] == [b"x"]


async def test_a_poison_message_dies_after_its_attempts_and_others_are_heard(harness, bus):
    """One message that always fails becomes a dead letter; the good ones around it are all handled."""
    handled, tried = [], []

    async def choke(told):
        if told.body == b"poison":
            tried.append(1)
            raise RuntimeError("secret words of a customer")
        handled.append(told.body)

    await harness.subscribe("mixed-told", "choke_on_poison", choke, attempts=5)
    await asyncio.gather(*(bus.publish("mixed-told", b"poison" if n == 25 else b"%d" % n) for n in range(50)))

    (letter,) = await letters(bus, 1)
    await until(lambda: len(set(handled)) == 49)
    assert len(tried) >= 5
    assert (letter.topic, letter.handler, letter.body) == ("mixed-told", "choke_on_poison", b"poison")
    assert letter.error
    assert "secret" not in letter.error
    assert letter.died_at.endswith("Z")


async def test_a_permanent_error_is_not_tried_again(harness, bus):
    """What cannot succeed is dead at once, with the reason the handler gave."""
    tried = []

    async def refuse(told):
        tried.append(told.body)
        raise Permanent("the tenant 'acme' has no desk: create one")

    await harness.subscribe("refused-told", "refuse_it", refuse)
    await bus.publish("refused-told", b"x")

    (letter,) = await letters(bus, 1)
    assert "has no desk" in letter.error
    assert tried == [b"x"]


async def test_a_replayed_letter_is_told_again_and_leaves_the_dead(harness, bus):
    """Replay tells the letter's own handler once more, with its body, and the letter is dead no longer."""
    mended, heard = [], []

    async def hear(told):
        if not mended:
            raise Permanent("broken for now")
        heard.append((told.topic, told.body, told.attributes["tenant"]))

    await harness.subscribe("replayed-told", "mend_me", hear)
    bystander = await remember(harness, "replayed-told", "bystander")
    await bus.publish("replayed-told", b"precious", attributes={"tenant": "acme"})
    (letter,) = await letters(bus, 1)
    mended.append(True)
    await bus.replay(letter.id)

    await until(lambda: heard)
    assert heard == [("replayed-told", b"precious", "acme")]
    assert await bus.dead() == []
    assert len(bystander) == 1


async def test_a_replayed_letter_may_die_again(harness, bus):
    """A replay that fails is a dead letter again."""
    tried = []

    async def refuse(told):
        tried.append(1)
        raise Permanent(f"refused {len(tried)} times")

    await harness.subscribe("stubbornly-told", "refuse_again", refuse)
    await bus.publish("stubbornly-told", b"x")
    (letter,) = await letters(bus, 1)
    await bus.replay(letter.id)
    await until(lambda: len(tried) == 2)

    (again,) = await letters(bus, 1)
    assert again.body == b"x"
    assert "2 times" in again.error


async def test_an_unknown_letter_cannot_be_replayed(bus):
    """Replay of a letter that is not dead raises Permanent."""
    with pytest.raises(Permanent):
        await bus.replay("no-such-letter")


async def test_dead_letters_come_newest_first_and_as_many_as_asked(harness, bus):
    """The list is ordered by death and obeys its limit."""

    async def refuse(told):
        raise Permanent(told.body.decode())

    await harness.subscribe("ordered-told", "refuse_in_order", refuse)
    for number in range(3):
        await bus.publish("ordered-told", str(number).encode())
        await letters(bus, number + 1)

    assert [letter.body for letter in await bus.dead()] == [b"2", b"1", b"0"]
    assert [letter.body for letter in await bus.dead(limit=1)] == [b"2"]


async def test_another_process_may_publish(harness):
    """What one process publishes, handlers of another hear."""
    heard = await remember(harness, "crossing-told", "hear_crossing")
    other = await harness.another()
    await other.bus.publish("crossing-told", b"x")

    await until(lambda: heard)
    assert heard[0].body == b"x"


async def test_a_topic_nobody_hears_takes_messages(harness, bus):
    """Publishing where no handler is subscribed is no error."""
    await bus.publish("happened", b"x")


async def test_ping_answers(bus):
    """Ping returns while the bus is within reach."""
    await bus.ping()
