"""The peer program for Celery: "produce FIRST COUNT MS" enqueues numbered tasks, "version" says what this is. The worker is Celery's own command."""
import os
import sys
import time

import celery
import kombu
import redis

VISIBILITY = int(os.environ["VISIBILITY"])
app = celery.Celery("comparison", broker="redis://127.0.0.1:%s/0" % os.environ["BROKER"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": VISIBILITY},
)

# One clock for every peer: that of the journal's server.
NOTE = "local t = redis.call('TIME') return redis.call('RPUSH', KEYS[1], ARGV[1] .. ' ' .. t[1] * 1000000 + t[2])"
journal = redis.Redis(port=int(os.environ["JOURNAL"]))


@app.task(name="work")
def work(number, milliseconds):
    journal.eval(NOTE, 1, "journal", "start %d" % number)
    time.sleep(milliseconds / 1000)
    journal.eval(NOTE, 1, "journal", "end %d" % number)


if __name__ == "__main__":
    if sys.argv[1] == "version":
        print("Celery %s, kombu %s, redis-py %s" % (celery.__version__, kombu.__version__, redis.__version__))
    elif sys.argv[1] == "given-up":
        print(0)  # Celery has no dead letters.
    else:
        first, count, milliseconds = map(int, sys.argv[2:5])
        with app.producer_pool.acquire() as producer:
            for number in range(first, first + count):
                work.apply_async((number, milliseconds), producer=producer)
