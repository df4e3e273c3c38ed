"""Phone numbers as customers write them, made dialable: the desk's own country where they name none."""

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import phonenumbers

if TYPE_CHECKING:
    from shared.config.schema import DeskConfig


def read_phone(text: str, config: "DeskConfig") -> str | None:
    """The number in E.164 (`+919876543210`), or None where it is no phone number.

    One written with its country code need only be of a possible length, since countries open ranges
    faster than tables learn of them; a national one must be valid, or as long as a mobile number there.
    """
    try:
        number = phonenumbers.parse(text, region(config))
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_possible_number if text.strip().startswith("+") else _national
    if number.extension or not fits(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _national(number: phonenumbers.PhoneNumber) -> bool:
    mobile = phonenumbers.PhoneNumberType.MOBILE
    return phonenumbers.is_valid_number(number) or phonenumbers.is_possible_number_for_type(number, mobile)


def region(config: "DeskConfig") -> str | None:
    """The desk's country in two letters: its phone number's, else its time zone's; None for neither."""
    if config.desk.phone:
        try:
            return phonenumbers.region_code_for_number(phonenumbers.parse(config.desk.phone))
        except phonenumbers.NumberParseException:
            return None
    return _countries().get(config.desk.timezone)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    return {zone: country for country, zone in re.findall(r"^([A-Z]{2})\t\S+\t(\S+)", table, re.MULTILINE)}
