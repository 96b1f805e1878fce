from fastapi import APIRouter


class InferringRouter(APIRouter): pass
