"""Reviews of a product."""

from fastapi import APIRouter, Depends, HTTPException, status
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import CurrentUser, OptionalUser, SessionDep, staff_only
from app.core.errors import Conflict, NotFound
from app.models import Product, Review
from app.schemas import ReviewIn, ReviewOut
from app.services import audit

router = APIRouter(prefix="/{product_id}/reviews", tags=["reviews"])


def find_review(session: Session, product_id: int, review_id: int) -> Review:
    review = session.scalar(
        select(Review).where(Review.id == review_id, Review.product_id == product_id)
    )
    if review is None:
        raise NotFound("No such review")
    return review


@router.get("", response_model=list[ReviewOut])
def list_reviews(
    product_id: int, session: SessionDep, limit: int = 20, offset: int = 0
) -> list[Review]:
    query = select(Review).where(Review.product_id == product_id).order_by(Review.id.desc())
    return list(session.scalars(query.limit(limit).offset(offset)))


@router.post("", response_model=ReviewOut, status_code=status.HTTP_201_CREATED)
def write_review(product_id: int, body: ReviewIn, session: SessionDep, user: CurrentUser) -> Review:
    if session.get(Product, product_id) is None:
        raise NotFound("No such product")
    mine = select(Review.id).where(Review.product_id == product_id, Review.user_id == user.id)
    if session.scalar(mine) is not None:
        raise Conflict("You have reviewed this already")
    review = Review(product_id=product_id, user_id=user.id, rating=body.rating, body=body.body)
    session.add(review)
    session.commit()
    return review


@router.put("/{review_id}", response_model=ReviewOut)
def edit_review(
    product_id: int, review_id: int, body: ReviewIn, session: SessionDep, user: CurrentUser
) -> Review:
    review = find_review(session, product_id, review_id)
    if review.user_id != user.id:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Not your review")
    review.rating = body.rating
    review.body = body.body
    session.commit()
    return review


@router.post("/{review_id}/report", response_model=ReviewOut)
def report_review(
    product_id: int, review_id: int, session: SessionDep, user: OptionalUser
) -> Review:
    review = find_review(session, product_id, review_id)
    review.report_count = review.report_count + 1
    audit.record(session, user, "review.report", f"review/{review.id}")
    session.commit()
    return review


@router.post("/{review_id}/helpful", response_model=ReviewOut)
def mark_helpful(
    product_id: int, review_id: int, session: SessionDep, user: OptionalUser
) -> Review:
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Sign in to vote")
    review = find_review(session, product_id, review_id)
    review.helpful_count = review.helpful_count + 1
    audit.record(session, user, "review.helpful", f"review/{review.id}")
    session.commit()
    return review


@router.delete(
    "/{review_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(staff_only)]
)
def delete_review(product_id: int, review_id: int, session: SessionDep) -> None:
    session.delete(find_review(session, product_id, review_id))
    session.commit()
