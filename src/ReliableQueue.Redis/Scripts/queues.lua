-- Reads one page of the names of queues, in the order of their bytes.
-- KEYS     the key of the names
-- ARGV     '-' or '(' and the last name of the page before, most names
-- Reply    names, one more than asked for when there are more
-- Keeps    writes nothing.
return redis.call('ZRANGE', KEYS[1], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2] + 1)
