-- Notes the name of a queue, for who lists the queues.
-- KEYS     the key of the names, which lies in another slot than the queue
-- ARGV     the name
-- Reply    one text, OK
-- Keeps    every queue that is used listed in the end: each process notes a queue at its first enqueue, and workers do at every announcement.
redis.call('ZADD', KEYS[1], 0, ARGV[1])
return {'OK'}
