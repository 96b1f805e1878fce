"""Registration, login, password reset, e-mail verification."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, status
from fastapi.responses import RedirectResponse
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.api.deps import CurrentUser, RateLimiter, SessionDep
from app.core import security
from app.core.errors import Conflict
from app.models import EmailVerification, OutgoingMail, PasswordReset, User, utcnow
from app.schemas import (
    EmailVerificationConfirm,
    Message,
    PasswordResetConfirm,
    PasswordResetRequest,
    RegisterRequest,
    Token,
    UserOut,
)

router = APIRouter(prefix="/auth", tags=["auth"])

LoginForm = Annotated[OAuth2PasswordRequestForm, Depends()]
CONTINUE_TARGETS = {"/", "/docs", "/cart", "/orders"}


def authenticate(session: Session, email: str, password: str) -> User:
    user = session.scalar(select(User).where(User.email == email.lower()))
    stored = user.password_hash if user else security.UNKNOWN_USER_HASH
    if not security.verify_password(password, stored) or user is None or not user.is_active:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Incorrect e-mail or password")
    return user


@router.post("/register", response_model=UserOut, status_code=status.HTTP_201_CREATED)
def register(body: RegisterRequest, session: SessionDep) -> User:
    email = body.email.lower()
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict("This e-mail is already registered")
    user = User(
        email=email,
        full_name=body.full_name,
        password_hash=security.hash_password(body.password),
    )
    session.add(user)
    session.commit()
    return user


@router.post("/login")
def login(form: LoginForm, session: SessionDep) -> Token:
    user = authenticate(session, form.username, form.password)
    return Token(access_token=security.create_access_token(user.id, user.role))


@router.post("/staff-login", dependencies=[Depends(RateLimiter(limit=30, seconds=60))])
def staff_login(form: LoginForm, session: SessionDep) -> Token:
    user = authenticate(session, form.username, form.password)
    if user.role not in ("admin", "staff"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Not a staff account")
    return Token(access_token=security.create_access_token(user.id, user.role))


@router.post("/password-reset", status_code=status.HTTP_202_ACCEPTED)
def request_password_reset(body: PasswordResetRequest, session: SessionDep) -> Message:
    user = session.scalar(select(User).where(User.email == body.email.lower()))
    if user is not None:
        token = security.password_reset_token(user.email)
        session.add(PasswordReset(user_id=user.id, token=token))
        session.add(
            OutgoingMail(user_id=user.id, subject="Reset your password", body=f"Your code: {token}")
        )
        session.commit()
    return Message(detail="If the account exists, a mail is on its way")


@router.post("/password-reset/confirm")
def confirm_password_reset(body: PasswordResetConfirm, session: SessionDep) -> Message:
    reset = session.scalar(select(PasswordReset).where(PasswordReset.token == body.token))
    if reset is None:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Unknown or expired code")
    user = session.get_one(User, reset.user_id)
    user.password_hash = security.hash_password(body.new_password)
    session.delete(reset)
    session.commit()
    return Message(detail="Password changed")


@router.post("/verify-email", status_code=status.HTTP_202_ACCEPTED)
def request_email_verification(user: CurrentUser, session: SessionDep) -> Message:
    token = security.email_verification_token()
    session.execute(delete(EmailVerification).where(EmailVerification.user_id == user.id))
    session.add(
        EmailVerification(
            user_id=user.id,
            token_hash=security.fingerprint(token),
            expires_at=utcnow() + timedelta(hours=1),
        )
    )
    session.add(
        OutgoingMail(user_id=user.id, subject="Confirm your address", body=f"Your code: {token}")
    )
    session.commit()
    return Message(detail="A mail is on its way")


@router.post("/verify-email/confirm")
def confirm_email(
    body: EmailVerificationConfirm, user: CurrentUser, session: SessionDep
) -> Message:
    used = session.scalar(
        delete(EmailVerification)
        .where(
            EmailVerification.user_id == user.id,
            EmailVerification.token_hash == security.fingerprint(body.token),
            EmailVerification.expires_at > utcnow(),
        )
        .returning(EmailVerification.id)
    )
    if used is None:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Unknown or expired code")
    user.email_verified = True
    session.commit()
    return Message(detail="Address confirmed")


@router.get("/logout")
def logout(next_url: Annotated[str, Query(alias="next")] = "/") -> RedirectResponse:
    response = RedirectResponse(next_url, status_code=status.HTTP_303_SEE_OTHER)
    response.delete_cookie("session_hint")
    return response


@router.get("/continue")
def continue_to(target: Annotated[str, Query(alias="next")] = "/") -> RedirectResponse:
    if target not in CONTINUE_TARGETS:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Unknown target")
    return RedirectResponse(target, status_code=status.HTTP_303_SEE_OTHER)
