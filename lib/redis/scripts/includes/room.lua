-- make_room(count, bytes, max_messages, max_bytes, refuse): what must go so that `count` more messages and `bytes`
-- more bytes fit. Reads only.
--
-- Answers false when there is no room; else moves first, n and b on to what they are after drop(), which removes what was
-- chosen and answers how many; it ends a script's writing. One call looks at 1,000 messages more than it adds at the most, so that a lowered cap is
-- reached over several writes instead of in one long script.
local dropped = {}

local function make_room(count, bytes, max_messages, max_bytes, refuse)
  local steps = 1000 + count
  while n + count > max_messages or b + bytes > max_bytes do
    if refuse or n == 0 then
      return false
    end
    if steps == 0 then
      return true
    end
    steps = steps - 1
    local field = 'm:' .. text(first)
    local record = redis.call('HGET', key, field)
    if record then
      dropped[#dropped + 1] = field
      n, b = n - 1, b - #record
      look_at(field, record)
    end
    first = first + 1
  end
  return true
end

local function drop()
  remove(dropped)
  put_aside()
  return #dropped
end
