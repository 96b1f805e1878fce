import os
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from models import User


def get_session():
    with Session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
scheme = OAuth2PasswordBearer(tokenUrl="login")


def signed_in(session: SessionDep, token: Annotated[str, Depends(scheme)]) -> User:
    claims = jwt.decode(token, os.environ["TOKEN_KEY"], algorithms=["HS256"])
    user = session.get(User, int(claims["sub"]))
    if user is None:
        raise HTTPException(status_code=401)
    return user


CurrentUser = Annotated[User, Depends(signed_in)]


def administrator(user: CurrentUser) -> User:
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user


Administrator = Annotated[User, Depends(administrator)]
