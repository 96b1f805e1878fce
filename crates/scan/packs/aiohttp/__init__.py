"""The server half: what the client half does is not described, and is a call to somewhere else."""

from aiohttp.web_ws import WSMessage, WSMsgType
