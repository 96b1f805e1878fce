from pydantic import BaseSettings


class SettingsConfigDict(dict): pass
