/**
 * A key holds "<level> <ms of the clock of Redis>" and ends by itself when all of it has leaked away. KEYS: the keys. ARGV:
 * for each what leaks in a second, the highest level that is kept, and what is added. Answers the level of each, as text:
 * a number would lose its fraction. Whatever else may lie under a key counts as nothing and is replaced.
 */
export const ADD_AND_READ = `
local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)
local levels = {}
for i, key in ipairs(KEYS) do
  local rate, most, used = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local held, level = redis.pcall('GET', key), 0
  if type(held) == 'string' then
    local was, at = string.match(held, '^(%S+) (%d+)$')
    was = tonumber(was)
    if was and was == was then level = math.max(0, was - math.max(0, now - tonumber(at)) / 1000 * rate) end
  end
  level = math.min(most, math.max(0, level + used))
  if level > 0 then
    redis.call('SET', key, string.format('%.6f %d', level, now), 'PX', math.ceil(level / rate * 1000) + 1)
  else
    redis.call('DEL', key)
  end
  levels[i] = string.format('%.6f', level)
end
return levels`
