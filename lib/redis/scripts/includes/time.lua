-- time, now: the server's clock, as TIME gives it and in milliseconds; now_text: the latter as text.
-- text(n): an integer as text; tostring() would give 1.7e+15 for large ones. '%d' takes half the time of '%.0f', and no more than
-- 32 bits on some servers.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(n)
  return string.format(n < 2147483648 and '%d' or '%.0f', n)
end
local now_text = text(now)
