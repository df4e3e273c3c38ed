"""What a campaign says to one target: its row filled into the template and the free words."""

from shared.agents.prompt import names_of
from shared.config.schema import DeskConfig
from shared.config.templates import render
from shared.desk.canned import approved
from shared.desk.outreach.planning import language_of
from shared.domain.campaigns import Campaign, Target
from shared.domain.content import Template
from shared.domain.errors import Permanent
from shared.domain.outreach import Saying


def saying(config: DeskConfig, campaign: Campaign, target: Target) -> Saying:
    """The words for a target. Raises Permanent where they cannot be filled in."""
    spoken = target.language or config.desk.languages[0]
    text = ""
    if campaign.text:
        names = names_of(
            config, customer=target.row, language=spoken, channel="whatsapp", now=campaign.created_at
        )
        text = render(campaign.text, names | {"event": target.row}).strip()
    if not campaign.template or campaign.means == "calls":
        return Saying(text=text)
    template = Template(
        name=campaign.template,
        language=language_of(config, campaign.template, spoken),
        parameters=tuple(target.row.get(name, "") for name in campaign.columns),
    )
    try:
        told = approved(config, "whatsapp", template)
    except Permanent:
        told = ""  # the file names it no more; the reason stands where the way is passed over
    return Saying(text=text, template=template, template_text=told)
