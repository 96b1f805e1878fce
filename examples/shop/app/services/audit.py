"""Who did what."""

from sqlalchemy.orm import Session

from app.models import AuditEntry, User


def record(session: Session, actor: User | None, action: str, target: str) -> None:
    """Added to the caller's transaction."""
    actor_id = actor.id if actor else None
    session.add(AuditEntry(actor_id=actor_id, action=action, target=target))
