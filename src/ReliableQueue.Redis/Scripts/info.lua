-- What the server says of itself. Inside a script, because a client may take INFO for an administrator's command.
-- KEYS: none. ARGV: none. Reply: the text of INFO.
return redis.call('INFO')
