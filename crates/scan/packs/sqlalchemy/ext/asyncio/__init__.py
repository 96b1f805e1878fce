from sqlalchemy.ext.asyncio.session import AsyncAttrs, AsyncSession, async_scoped_session, async_sessionmaker
