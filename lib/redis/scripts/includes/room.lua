-- make_room(count, bytes, max_messages, max_bytes, refuse): what must go so that `count` more messages and `bytes`
-- more bytes fit. Reads only. To be asked when they do not: most writes have room, and are spared all of this.
--
-- Answers nil when there is no room; else moves first, n and b on to what they are after what it answers: a function that ends
-- a script's writing by removing what was chosen, and answers how many. One call looks at 1,000 messages more than it adds at
-- the most, so that a lowered cap is reached over several writes instead of in one long script.
local function make_room(count, bytes, max_messages, max_bytes, refuse)
  local steps, dropped = 1000 + count, {}
  while n + count > max_messages or b + bytes > max_bytes do
    if refuse or n == 0 then
      return nil
    end
    if steps == 0 then
      break
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
  return function()
    remove(dropped)
    put_aside()
    return #dropped
  end
end
