"""A task that does nothing but count, with the settings under which Celery loses least."""
import os
from celery import Celery
import redis

URL = f"redis://127.0.0.1:{os.environ['PORT']}/0"
app = Celery("tasks", broker=URL)
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, task_ignore_result=True, worker_prefetch_multiplier=64, task_serializer="json", accept_content=["json"])
connection = None


@app.task
def noop(payload):
    global connection
    if connection is None:
        connection = redis.Redis.from_url(URL)
    connection.incr("done")
