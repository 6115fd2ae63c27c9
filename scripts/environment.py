"""Read the settings for a script, or exit with one clear sentence about what is wrong."""

import sys

from pydantic import ValidationError

from server.settings import Settings


def settings_of_environment() -> Settings:
    """The settings of the environment; a wrong one ends the program with a sentence that shows no value."""
    try:
        return Settings.from_environment()
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, one['loc'])).upper() or 'settings'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        ]
        sys.exit("Wrong settings in the environment:\n  " + "\n  ".join(wrong))
