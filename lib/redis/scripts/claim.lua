#!lua
-- The claim on a turn of a session, under a key of its own: who runs the turn, and then its answer, written before the turn is
-- appended to the session. It always has a TTL, which is how long it is good.
--
--   'r <token> <digest> <payload>'              it runs; the payload is sealed under the key of the digest, and says nothing
--   'a <time in ms> <digest> <payload>'         it was answered; the payload is the answer, '' for one that is too large
--
--   KEYS[1]  the claim
--   ARGV[1]  'claim', 'renew', 'answer' or 'release'      ARGV[2]  token, of this claim alone
--   ARGV[3]  ms: of the lease, or for how long the answer is kept; without a meaning for a release
--   ARGV[4]  payload, of claim and answer
--   ARGV[5…] digests of what the user said: the one to write with, then those it may stand under
--
-- claim answers {'CLAIMED'}, also to the token that has it; {'WAIT', ms until the claim ends}; {'ANSWERED', ms since, digest, payload}.
-- renew answers {'HELD'} or {'LOST'}.
-- answer answers {'ANSWERED'}, also when the very same payload stands; {'STANDING', ms since, digest, payload} when another's
-- came first. Who holds the claim by then does not matter: the first answer stands.
-- release answers {'RELEASED'} or {'LOST'}.
-- claim and answer: {'REUSED', beginning of the payload} where the user said something else; {'UNKNOWN'} for what no version wrote.
--
-- It is refused when Redis is out of memory: a turn that could not be stored is not begun.

-- @include time

local how, token, ms, payload, digest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- Holds the id of the key a payload stands under.
local HEAD = 80

local key = KEYS[1]
local standing = redis.call('GET', key)
local state, by, said, held = string.match(standing or '', '^([ra]) (%S+) (%x+) (.*)$')
local own = state == 'r' and by == token

if how == 'renew' then
  if not own then
    return { 'LOST' }
  end
  redis.call('PEXPIRE', key, ms)
  return { 'HELD' }
elseif how == 'release' then
  if not own then
    return { 'LOST' }
  end
  redis.call('UNLINK', key)
  return { 'RELEASED' }
end

if standing and not state then
  return { 'UNKNOWN' }
end
local same = not state
for i = 5, #ARGV do
  same = same or ARGV[i] == said
end
if not same then
  return { 'REUSED', string.sub(held, 1, HEAD) }
end

local function write(letter, whose)
  redis.call('SET', key, letter .. ' ' .. whose .. ' ' .. digest .. ' ' .. payload, 'PX', ms)
end

if how == 'claim' then
  if state == 'a' then
    return { 'ANSWERED', text(math.max(0, now - by)), said, held }
  elseif state and not own then
    return { 'WAIT', text(redis.call('PTTL', key)) }
  end
  write('r', token)
  return { 'CLAIMED' }
end

if state ~= 'a' then
  write('a', text(now))
elseif held ~= payload then
  return { 'STANDING', text(math.max(0, now - by)), said, held }
end
return { 'ANSWERED' }
