from celery import AsyncResult
