"""The file a new desk begins with: short, valid, and commented where an author decides something."""

import re

from shared.domain.errors import Permanent

_TEXT = """\
# The front desk of {title}. Save, and it runs; `frontdesk validate` names the line of whatever is wrong.
# Every key there is stands in configs/krishna-diagnostics/front-desk.yaml.

version: "1.0"

tenant: # the business; its id is the name of this folder
  id: "{tenant}"
  name: "{business}"

desk:
  id: "{name}" # stands in /chat/{name}; unique in the whole installation
  name: "{title}"
  languages: [en] # the first is the default
  timezone: UTC # e.g. Asia/Kolkata: hours, slots and promises are told in it
  currency: USD
  facts: # short truths the agent always knows
    payment: Cash and cards.
  hours:
    weekdays: 09:00-17:00
    saturday: 10:00-14:00
    sunday: closed

agent:
  name: Sam
  personality: friendly, clear and brief
  objectives:
    - Answer questions about {title} from what stands here and in the knowledge files.
    - Book an appointment, or bring a person in.
  off_topic: I can help with {title} only.

tools: # what the agent may do
  search_knowledge: {{}}
  check_slots:
    settings: {{calendar: main, title: Appointment, slot_minutes: 30, capacity: 1}}
  book_slot:
    settings: {{needs: [name, phone]}}
  cancel_booking: {{}}
  reschedule_booking: {{}}
  record_details: {{}}
  create_ticket: {{}}
  schedule_callback: {{}}
  hand_over: {{}}

channels:
  webchat:
    opening_line: Hello! How can I help?
    starters:
      - Book an appointment
      - What does it cost?
      - When are you open?
  # whatsapp: {{phone_number_id: "…"}}   access comes from META_ACCESS_TOKEN, or access_token: secret://NAME

knowledge:
  files: [] # Markdown, text and CSV tables beside this file: [prices.csv, about.md]
"""


def new_desk_text(name: str, title: str | None = None, *, tenant: str | None = None) -> str:
    """The starter file of a desk; `name` becomes its id, and its business's where `tenant` names none.

    Raises Permanent where a name is no id.
    """
    for wanted in (name, tenant or name):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", wanted):
            raise Permanent(
                f"{wanted!r} is no id for a desk or a business; write small letters, digits and -, "
                "e.g. corner-bakery"
            )
    shown = title or _in_words(name)
    if not re.fullmatch(r"[^\r\n#:{}\[\]\"'&*!|>%@`]{1,100}", shown):
        raise Permanent(
            f"{shown!r} is no name to begin with; write letters and spaces, change it in the file"
        )
    business = shown if tenant in (None, name) else _in_words(str(tenant))
    return _TEXT.format(name=name, title=shown, tenant=tenant or name, business=business)


def _in_words(name: str) -> str:
    return name.replace("-", " ").title()
