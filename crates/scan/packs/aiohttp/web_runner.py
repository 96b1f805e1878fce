from aiohttp.web_app import AppRunner, TCPSite, UnixSite
