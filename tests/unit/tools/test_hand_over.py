"""A person takes over, and the customer hears what happens next."""

from shared.domain.effects import HandOver

DOCTORS = {
    "escalation": {
        "handoff": [{"type": "human_agent"}, {"type": "doctor"}],
        "human_unavailable": [
            {"action": "offer_alternative"},
            {
                "action": "create_ticket",
                "auto_reply": "{{ customer.name or 'Friend' }}, {{ desk.name }} calls you back.",
            },
        ],
    }
}


async def test_within_hours_a_colleague_is_announced(desk):
    """While people are there the customer is told that a colleague answers here."""
    result = await desk.call("hand_over", reason="asks for a person", summary="Wants a refund.")
    (effect,) = result.effects

    assert effect == HandOver(
        reason="asks for a person",
        type="human_agent",
        priority="medium",
        summary="Wants a refund.",
        reply="I am passing you to a colleague, who will answer you here.",
    )
    assert result.data == {"handed_over": True, "customer_is_told": effect.reply}


async def test_out_of_hours_the_desks_own_words_are_said(desk):
    """When nobody is there the customer reads what the desk's file says, with their name."""
    desk.written = {"behavior": DOCTORS}
    desk.clock.move(hours=12)
    await desk.call("record_details", name="Asha")
    (effect,) = (await desk.call("hand_over", reason="x", type="doctor", priority="urgent")).effects

    assert effect.reply == "Asha, Front desk calls you back."
    assert (effect.type, effect.priority) == ("doctor", "urgent")


async def test_out_of_hours_without_words_of_the_desks_the_default_is_said(desk):
    """A desk that wrote nothing for it still leaves nobody without an answer, in their language."""
    desk.clock.move(hours=12)
    (english,) = (await desk.call("hand_over", reason="x")).effects
    (hindi,) = (await desk.call("hand_over", reason="x", language="hi")).effects

    assert english.reply.startswith("Our team is not there right now.")
    assert hindi.reply.startswith("हमारी टीम अभी उपलब्ध नहीं है।")


async def test_words_that_name_what_is_not_known_leave_it_blank(desk):
    """A template that names what is not known of this customer does not stop the handover."""
    desk.written = {
        "behavior": {
            "escalation": {
                "human_unavailable": [{"action": "create_ticket", "auto_reply": "Dear {{ customer.name }}"}]
            }
        }
    }
    desk.clock.move(hours=12)
    (effect,) = (await desk.call("hand_over", reason="x")).effects

    assert effect.reply == "Dear "


async def test_people_may_keep_hours_of_their_own(desk):
    """Where the file gives the people's hours, these decide and not the desk's."""
    desk.written = {"behavior": {"escalation": {"hours": {"sunday": "09:00-10:00"}}}}
    (effect,) = (await desk.call("hand_over", reason="x")).effects

    assert effect.reply.startswith("Our team is not there")


async def test_an_unknown_kind_of_person_is_told_with_the_kinds_there_are(desk):
    """The model can mend a made-up department."""
    desk.written = {"behavior": DOCTORS}
    result = await desk.call("hand_over", reason="x", type="plumber")

    assert result.error == "type: 'plumber' is not one of human_agent, doctor"
    assert result.effects == ()


async def test_a_desk_that_does_not_hand_over_says_so(desk):
    """With escalation off the tool refuses and names the other ways."""
    desk.written = {"behavior": {"escalation": {"enabled": False}}}

    assert "does not hand over" in (await desk.call("hand_over", reason="x")).error
