from celery import Celery, Task, shared_task
