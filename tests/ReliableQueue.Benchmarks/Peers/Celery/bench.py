"""bench.py PROCESSES MESSAGES: enqueues that many tasks that do nothing, then drains them with one prefork worker. Empties the Redis at PORT."""
import signal, subprocess, sys, tempfile, time
import celery, redis
from tasks import noop, URL

processes, messages = sys.argv[1], int(sys.argv[2])
store = redis.Redis.from_url(URL)
store.flushdb()
payload = "x" * 100

began = time.time()
for _ in range(messages):
    noop.delay(payload)
enqueued = messages / (time.time() - began)

with tempfile.TemporaryDirectory() as folder:
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", processes, "-P", "prefork", "--without-gossip", "--without-mingle", "-l", "ERROR", "--statedb", folder + "/state"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while int(store.get("done") or 0) == 0:
        time.sleep(0.005)
    start, first = time.time(), int(store.get("done"))
    while int(store.get("done")) < messages:
        time.sleep(0.01)
    drained = (messages - first) / (time.time() - start)
    worker.send_signal(signal.SIGTERM)
    worker.wait()
print(f"version {celery.VERSION.major}.{celery.VERSION.minor}.{celery.VERSION.micro} enqueued {enqueued:.0f} drained {drained:.0f}")
