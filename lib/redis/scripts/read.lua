-- Reads a window of messages, and the summary and the state if asked for.
--
--   KEYS[1]   the session
--   ARGV[1-2] as in includes/read.lua
--   ARGV[3]   'y' for the summary, or ''
--   ARGV[4]   'all' for every state field, 'some' for those named in ARGV[11…], or ''
--   ARGV[5]   'newest': messages from the end backwards; 'oldest': from the beginning on; or ''
--   ARGV[6]   most messages       ARGV[7]  most turns       ARGV[8]  most tokens       ('0': no limit)
--   ARGV[9]   only seq greater than it      ARGV[10]  only seq smaller than it ('0': no limit)
--
-- Answers {'FOUND', version, life, messages kept, now in ms, summary or nil, {field, record …}, seq of the first record below,
-- {record or nil …}}, or what includes/read.lua answers. The records of 'newest' come newest first, with falling seq; a
-- nil stands for a seq without a message.

-- @include time
-- @include read

local summary = ARGV[3] == 'y' and redis.call('HGET', key, 'y')

local state = {}
local function read_state(names)
  for i = 1, #names, 1000 do
    local fields = {}
    for j = i, math.min(i + 999, #names) do
      fields[#fields + 1] = 's:' .. names[j]
    end
    for j, record in ipairs(redis.call('HMGET', key, unpack(fields))) do
      if record then
        state[#state + 1] = names[i + j - 1]
        state[#state + 1] = record
      end
    end
  end
end

if ARGV[4] == 'some' then
  local names = {}
  for i = 11, #ARGV do
    names[#names + 1] = ARGV[i]
  end
  read_state(names)
elseif ARGV[4] == 'all' and head[11] then
  local names = {}
  for name in string.gmatch(head[11], '[^\n]+') do
    names[#names + 1] = name
  end
  read_state(names)
end

local low = math.max(tonumber(head[4]), tonumber(ARGV[9]) + 1)
local high = tonumber(head[3])
if ARGV[10] ~= '0' then
  high = math.min(high, tonumber(ARGV[10]) - 1)
end

local most, most_turns, most_tokens = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local records, taken, turns, tokens = {}, 0, 0, 0

-- Takes a record into the window; answers whether the window goes on after it.
local function take(record)
  if not record then
    records[#records + 1] = false
    return true
  end
  if most_tokens > 0 then
    tokens = tokens + tonumber(string.match(record, '^%d%a(%d+) ') or 0)
    if tokens > most_tokens then
      return false
    end
  end
  records[#records + 1] = record
  taken = taken + 1
  if most_turns > 0 and string.sub(record, 2, 2) == 'u' then
    turns = turns + 1
  end
  return taken ~= most and (most_turns == 0 or turns < most_turns)
end

local function walk(from, to, step)
  local size = most > 0 and math.min(most, 1000) or 100
  local at = from
  while (to - at) * step >= 0 do
    local fields = {}
    while #fields < size and (to - at) * step >= 0 do
      fields[#fields + 1] = 'm:' .. text(at)
      at = at + step
    end
    for _, record in ipairs(redis.call('HMGET', key, unpack(fields))) do
      if not take(record) then
        return
      end
    end
    size = 1000
  end
end

if ARGV[5] == 'newest' then
  walk(high, low, -1)
elseif ARGV[5] == 'oldest' then
  walk(low, high, 1)
end

return { 'FOUND', version, life(use()), tonumber(head[5]), text(now), summary, state, ARGV[5] == 'newest' and high or low, records }
