from starlette import status
from starlette.exceptions import WebSocketException
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect
from starlette.datastructures import UploadFile

from fastapi.applications import FastAPI
from fastapi.background import BackgroundTasks
from fastapi.exceptions import HTTPException
from fastapi.params import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from fastapi.routing import APIRouter
