/**
 * The leases of a user are one sorted set: member = lease, score = when it ends, in ms of the clock of Redis. So the
 * clocks of the nodes do not matter, each lease expires by itself, and the key goes with the last of them.
 */
const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "

/**
 * KEYS: a user's leases, one for each lease. ARGV: the term in ms, then the leases. The key's own end is only ever moved
 * away: another node may have been told to use longer terms.
 */
export const RENEW = `${NOW}
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZADD', key, now + ARGV[1], ARGV[i + 1])
  if redis.call('PTTL', key) < tonumber(ARGV[1]) then redis.call('PEXPIRE', key, ARGV[1]) end
end`

/** KEYS: a user's leases, one for each lease. ARGV: the leases. */
export const END = "for i, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[i]) end"

/** KEYS: users' leases. Answers, for each, those that have not expired. */
export const LIST = `${NOW}
local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('ZRANGEBYSCORE', key, '(' .. now, '+inf') end
return found`
