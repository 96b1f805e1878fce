from pydantic import BaseSettings


def SettingsConfigDict(**options):
    return options
