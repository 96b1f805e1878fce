"""Files of customers, and documents for everybody who is signed in."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Query, UploadFile, status
from fastapi.responses import FileResponse
from sqlalchemy import select

from app.api.deps import CurrentUser, SessionDep, get_current_user, staff_only
from app.core.config import settings
from app.core.errors import NotFound
from app.models import StoredFile
from app.schemas import Message, StoredFileOut

router = APIRouter(prefix="/files", tags=["files"], dependencies=[Depends(get_current_user)])

MAX_UPLOAD_BYTES = 2_000_000
UPLOAD_TYPES = {"image/png": ".png", "image/jpeg": ".jpg", "application/pdf": ".pdf"}


@router.post("", response_model=StoredFileOut, status_code=status.HTTP_201_CREATED)
def upload_file(file: UploadFile, session: SessionDep, user: CurrentUser) -> StoredFile:
    extension = UPLOAD_TYPES.get(file.content_type or "")
    if extension is None:
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "PNG, JPEG or PDF only")
    content = file.file.read(MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "2 MB at most")
    stored = StoredFile(
        user_id=user.id,
        original_name=(file.filename or "file")[:255],
        stored_name=uuid4().hex + extension,
        content_type=file.content_type,
        size=len(content),
    )
    (settings.uploads_dir / stored.stored_name).write_bytes(content)
    session.add(stored)
    session.commit()
    return stored


@router.post("/covers", dependencies=[Depends(staff_only)])
def upload_cover(file: UploadFile) -> Message:
    target = settings.media_dir / (file.filename or "cover.png")
    target.write_bytes(file.file.read())
    return Message(detail=f"/media/{file.filename}")


@router.get("/download")
def download_document(name: Annotated[str, Query(max_length=255)]) -> FileResponse:
    path = settings.documents_dir / name
    if not path.is_file():
        raise NotFound("No such document")
    return FileResponse(path)


@router.get("/documents/{name:path}")
def read_document(name: str) -> FileResponse:
    root = settings.documents_dir.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise NotFound("No such document")
    return FileResponse(path)


@router.get("/{file_id}")
def read_file(file_id: int, session: SessionDep, user: CurrentUser) -> FileResponse:
    stored = session.scalar(
        select(StoredFile).where(StoredFile.id == file_id, StoredFile.user_id == user.id)
    )
    if stored is None:
        raise NotFound("No such file")
    return FileResponse(
        settings.uploads_dir / stored.stored_name,
        media_type=stored.content_type,
        filename=stored.original_name,
    )


@router.delete("/{file_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_file(file_id: int, session: SessionDep, user: CurrentUser) -> None:
    stored = session.get(StoredFile, file_id)
    if stored is None or stored.user_id != user.id:
        raise NotFound("No such file")
    (settings.uploads_dir / stored.stored_name).unlink(missing_ok=True)
    session.delete(stored)
    session.commit()
