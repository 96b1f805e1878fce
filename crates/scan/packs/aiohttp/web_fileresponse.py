from aiohttp.web_response import FileResponse
