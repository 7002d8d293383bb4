-- time, now: the server's clock, as TIME gives it and in milliseconds.
-- text(n): an integer as text; tostring() would give 1.7e+15 for large ones.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(n)
  return string.format('%.0f', n)
end
