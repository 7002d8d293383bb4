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

local kept = tonumber(head[5])
if ARGV[5] == '' then
  return { 'FOUND', version, life(use()), kept, now_text, summary, state, 0, {}, 0, false }
end

local first, last_seq, newest = tonumber(head[4]), tonumber(head[3]), ARGV[5] == 'newest'
local from, to, step = math.max(first, tonumber(ARGV[9]) + 1), last_seq, 1
if ARGV[10] ~= '0' then
  to = math.min(to, tonumber(ARGV[10]) - 1)
end
if newest then
  from, to, step = to, from, -1
end

local most, most_turns, most_tokens, most_bytes = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[11])
local records, count, taken, turns, tokens, bytes = {}, 0, 0, 0, 0, 0

-- How many fields are asked for at once: no more than are wanted, as far as that can be told. Next to a large record may stand
-- others, whatever the average is.
local size = most > 0 and math.min(most, 1000) or 100
if kept > 0 then
  size = math.max(1, math.min(size, math.floor(most_bytes * kept / tonumber(head[6]))))
end

local of, stop = version, to
if ARGV[12] ~= '' then
  local place = {}
  for word in string.gmatch(ARGV[12], '%S+') do
    place[#place + 1] = word
  end
  of, from, to = place[1], tonumber(place[4]), tonumber(place[5])
  taken, turns, tokens = tonumber(place[6]), tonumber(place[7]), tonumber(place[8])
  size, stop = 1, newest and math.max(to, first) or to
  local is_same = place[2] == head[7] and place[3] == (head[12] or '0')
  local follows = of == version or tonumber(string.match(of, '^%d+')) < tonumber(head[1])
  if not is_same or not follows or first > from then
    return { 'FOUND', version, life(use()) }
  end
end

-- 'limit' when the window ends, 'bytes' when the slice does.
local at, ended = from, false
-- As text() does it, for many.
local format, field = string.format, last_seq < 2147483648 and 'm:%d' or 'm:%.0f'
while not ended and (stop - at) * step >= 0 do
  local fields, last = {}, at + (size - 1) * step
  if (last - stop) * step > 0 then
    last = stop
  end
  for seq = at, last, step do
    fields[#fields + 1] = format(field, seq)
  end
  at = last + step
  local found = redis.call('HMGET', key, unpack(fields))
  -- The first answer is mostly all there is to answer.
  if count == 0 then
    records = found
  end
  for i = 1, #found do
    local record = found[i]
    if record and most_tokens > 0 then
      tokens = tokens + tonumber(string.match(record, '^%d%a(%d+) ') or 0)
      if tokens > most_tokens then
        ended = 'limit'
        break
      end
    end
    count = count + 1
    if records ~= found then
      records[count] = record
    end
    if record then
      taken, bytes = taken + 1, bytes + #record
      if most_turns > 0 and string.sub(record, 2, 2) == 'u' then
        turns = turns + 1
      end
      if taken == most or (most_turns > 0 and turns >= most_turns) then
        ended = 'limit'
        break
      elseif bytes >= most_bytes then
        ended = 'bytes'
        break
      end
    end
  end
  size = math.min(1000, 2 * size, math.ceil((most_bytes - bytes) * count / bytes))
end
for i = #records, count + 1, -1 do
  records[i] = nil
end
if not ended and stop ~= to then
  return { 'FOUND', version, life(use()) }
end

local goes_on, place = from + count * step, false
if ended == 'bytes' and (to - goes_on) * step >= 0 then
  local numbers = { text(goes_on), text(to), text(taken), text(turns), text(tokens) }
  place = of .. ' ' .. head[7] .. ' ' .. (head[12] or '0') .. ' ' .. table.concat(numbers, ' ')
end
return { 'FOUND', version, life(use()), kept, now_text, summary, state, from, records, bytes, place }
