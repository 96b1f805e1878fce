from sqlalchemy.ext.asyncio.session import AsyncSession as _AsyncSession


class AsyncSession(_AsyncSession): pass
