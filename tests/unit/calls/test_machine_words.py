"""What gives an answering machine away, and what people say when they pick up."""

import pytest

from voice_service.answering_machine import read_machine_words


@pytest.mark.parametrize(
    ("said", "long_breath"),
    [
        ("Hi, this is Asha. Please leave a message after the tone.", False),
        ("Hello. Your call has been forwarded to voicemail.", False),
        ("Please leave your message at the beep", False),
        ("The mailbox is full and cannot accept messages. Mailbox is full.", False),
        ("You've reached Asha Rao, I can't come to the phone right now", True),
        ("The number you are calling is currently switched off, please try again later", True),
        ("Guten Tag, bitte sprechen Sie nach dem Signalton", False),
        ("Laissez un message après le bip sonore", False),
        ("Deje su mensaje después de la señal", False),
        ("कृपया बीप के बाद अपना संदेश छोड़ें", False),
        ("आप जिस नंबर पर कॉल कर रहे हैं वह अभी बंद है", True),
    ],
)
def test_a_machine_is_told_by_what_only_machines_say(said, long_breath):
    """One phrase is enough, or two that people use one by one, in a long breath; in any language."""
    assert read_machine_words().found(said, long_breath=long_breath)


@pytest.mark.parametrize(
    "said",
    [
        "Hello?",
        "Hello, who is this please?",
        "Yes hello, I am just in the car with the children, could you tell me in a word what it is about?",
        "He is not available right now, would you like to leave a message with me or shall he call you back?",
        "I can't come to the phone now, I am driving, can I call you back in ten minutes?",
        "The number you are calling is my mother's, what do you want from her?",
        "You have reached Acme, this is Ravi, how may I help you?",
        "No, I never listen to my voicemail, just send me an email.",
        "हाँ जी, कौन बोल रहा है? मैं अभी गाड़ी चला रहा हूँ।",
    ],
)
def test_no_person_is_taken_for_a_machine_however_long_they_speak(said):
    """Not by a long breath, and not by one phrase that machines use too."""
    assert not read_machine_words().found(said, long_breath=True)
