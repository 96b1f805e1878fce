from aiohttp.web_urldispatcher import AbstractView


class AbstractAccessLogger:
    def __init__(self, logger, log_format): pass


class AbstractRouter: pass
