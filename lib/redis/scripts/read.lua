-- Reads a window of messages, or the next slice of one, and the summary and the state if asked for.
--
--   KEYS[1]   the session
--   ARGV[1-2] as in includes/read.lua
--   ARGV[3]   'y' for the summary, or ''
--   ARGV[4]   'all' for every state field, 'some' for those named in ARGV[13…], or ''
--   ARGV[5]   'newest': messages from the end backwards; 'oldest': from the beginning on; or ''
--   ARGV[6]   most messages       ARGV[7]  most turns       ARGV[8]  most tokens       ('0': no limit)
--   ARGV[9]   only seq greater than it      ARGV[10]  only seq smaller than it ('0': no limit)
--   ARGV[11]  bytes of records after which a slice ends, which has one record at least
--   ARGV[12]  '', or the place where the slice before this one ended
--
-- Answers {'FOUND', version, life, messages kept, now in ms, summary or nil, {field, record …}, seq of the first record below,
-- {record or nil …}, bytes of them, place where the window goes on, or nil}, or what includes/read.lua answers. The records of
-- 'newest' come newest first, with falling seq; a nil stands for a seq without a message.
--
-- All slices are of the session as it was at the first one: messages that were appended since are not in them. A slice of
-- which that cannot be said, because messages of the window went away since or it is another session, is {'FOUND', version,
-- life} alone.
--
-- A place is '<version of the first slice> <created> <version counter of the last deletion, or 0> <next seq> <last seq of the
-- window> <messages> <turns> <tokens taken so far>'.

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
  for i = 13, #ARGV do
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

local first, newest = tonumber(head[4]), ARGV[5] == 'newest'
local low = math.max(first, tonumber(ARGV[9]) + 1)
local high = tonumber(head[3])
if ARGV[10] ~= '0' then
  high = math.min(high, tonumber(ARGV[10]) - 1)
end

local from, to, step = low, high, 1
if newest then
  from, to, step = high, low, -1
end

local most, most_turns, most_tokens, most_bytes = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[11])
local records, taken, turns, tokens, bytes = {}, 0, 0, 0, 0

-- How many fields are asked for at once: no more than are wanted, as far as that can be told. Next to a large record may stand
-- others, whatever the average is.
local size = most > 0 and math.min(most, 1000) or 100
local n = tonumber(head[5])
if n > 0 then
  size = math.max(1, math.min(size, math.floor(most_bytes * n / tonumber(head[6]))))
end

local session, of, stop = head[7] .. ' ' .. (head[12] or '0'), version, to
if ARGV[12] ~= '' then
  local place = {}
  for word in string.gmatch(ARGV[12], '%S+') do
    place[#place + 1] = word
  end
  of, from, to = place[1], tonumber(place[4]), tonumber(place[5])
  taken, turns, tokens = tonumber(place[6]), tonumber(place[7]), tonumber(place[8])
  size, stop = 1, newest and math.max(to, first) or to
  local follows = of == version or tonumber(string.match(of, '^%d+')) < tonumber(head[1])
  if place[2] .. ' ' .. place[3] ~= session or not follows or first > from then
    return { 'FOUND', version, life(use()) }
  end
end

-- Takes a record into the window; answers what ends the slice after it: 'limit' when the window ends with it.
local function take(record)
  if not record then
    records[#records + 1] = false
    return
  end
  if most_tokens > 0 then
    tokens = tokens + tonumber(string.match(record, '^%d%a(%d+) ') or 0)
    if tokens > most_tokens then
      return 'limit'
    end
  end
  records[#records + 1] = record
  taken = taken + 1
  bytes = bytes + #record
  if most_turns > 0 and string.sub(record, 2, 2) == 'u' then
    turns = turns + 1
  end
  if taken == most or (most_turns > 0 and turns >= most_turns) then
    return 'limit'
  end
  return bytes >= most_bytes and 'bytes'
end

local function walk()
  local at = from
  while (stop - at) * step >= 0 do
    local fields = {}
    while #fields < size and (stop - at) * step >= 0 do
      fields[#fields + 1] = 'm:' .. text(at)
      at = at + step
    end
    for _, record in ipairs(redis.call('HMGET', key, unpack(fields))) do
      local ended = take(record)
      if ended then
        return ended
      end
    end
    size = math.min(1000, 2 * size, math.ceil((most_bytes - bytes) * #records / bytes))
  end
end

local ended = ARGV[5] ~= '' and walk()
if not ended and stop ~= to then
  return { 'FOUND', version, life(use()) }
end
local next_seq, place = from + #records * step, false
if ended == 'bytes' and (to - next_seq) * step >= 0 then
  local numbers = { text(next_seq), text(to), text(taken), text(turns), text(tokens) }
  place = of .. ' ' .. session .. ' ' .. table.concat(numbers, ' ')
end

return { 'FOUND', version, life(use()), n, text(now), summary, state, from, records, bytes, place }
