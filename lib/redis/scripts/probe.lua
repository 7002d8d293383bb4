#!lua
-- A write and a read, to see whether writes are taken. Refused, as any other write, by a server that is out of memory or a
-- read-only replica.
--
--   KEYS[1]  the mark: one for each namespace      ARGV[1]  what to write      ARGV[2]  its ttl in ms
--
-- Answers what stands there.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('GET', KEYS[1])
