#!lua
-- The claim on a turn of a session, under a key of its own: who runs the turn, and then its answer, written before the turn is
-- appended to the session. It always has a TTL, which is how long it is good. Session and summary are only read: what could not
-- be kept in the end is not begun.
--
--   'r <token> <digest> <payload>'              it runs; the payload is sealed under the key of the digest, and says nothing
--   'a <time in ms> <digest> <payload>'         it was answered; the payload is the answer, '' for one that is not kept, whose
--                                               turn was appended before
--
--   KEYS[1]  the claim      KEYS[2]  the session      KEYS[3]  the copy of its summary
--   ARGV[1]  'claim', 'renew', 'answer' or 'release'      ARGV[2]  token, of this claim alone
--   ARGV[3]  ms: of the lease, or for how long the answer is kept; without a meaning for a release
--   ARGV[4]  payload, of claim and answer
--   ARGV[5]  user id, or ''
--   ARGV[6]  of a session that refuses what it has no room for: most messages before the turn      ARGV[7]  and most bytes; or ''
--   ARGV[8…] what the append of the turn is known by, as ARGV[3] in includes/write.lua: what to write with, then what it may stand
--            under. A digest here is all of it.
--
-- claim answers {'CLAIMED'}, also to the token that has it; {'WAIT', ms until the claim ends}; {'ANSWERED', ms since, digest, payload};
-- {'KEPT'} where the session has the turn, but nobody its answer. It is refused with {'OWNER'}, {'DELETED'} and {'FULL'}, as the
-- append would be.
-- renew answers {'HELD'} or {'LOST'}.
-- answer answers {'ANSWERED'}; {'LATE'} when it stands as well, but the claim was not held any more; {'STANDING', ms since, digest,
-- payload} when one stood before, which may be the very same. Who holds the claim by then does not matter: the first answer
-- stands. {'KEPT'} and {'DELETED'} where the claim was not held any more, and the session has the turn by now.
-- release answers {'RELEASED'} or {'LOST'}.
-- claim and answer: {'REUSED', beginning of the payload} where the user said something else; {'UNKNOWN'} for what no version wrote.
--
-- It is refused when Redis is out of memory: a turn that could not be stored is not begun.

-- @include time
-- @include blocks
-- @include operations

local how, token, ms, payload, digest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[8]
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

-- What the session says of a turn that is to begin.
local session = {}
local function read_session()
  session = redis.call('HMGET', KEYS[2], 'v', 'x', 'U', 'n', 'b', 'D', 'o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7')
  -- At the very millisecond of its end the key is still there.
  if session[2] and tonumber(session[2]) <= now then
    session = {}
  end
end

local function is_others()
  local owner = session[3]
  if not session[1] then
    owner = string.match(redis.call('GET', KEYS[3]) or '', '^%d+ %d+ %d+ ([^:]+):')
  end
  return owner and ARGV[5] ~= '' and owner ~= ARGV[5]
end

-- What the session says of the turn itself, as an answer; nothing when it does not have it.
local function found_turn()
  local kept_in, kept_as, _, made = find_operation(session, 7, bytes8(string.sub(digest, 1, 16)))
  if not kept_in then
    return
  end
  for i = 8, #ARGV do
    if bytes8(string.sub(ARGV[i], 17, 32)) == kept_as then
      return { made < tonumber(session[6] or 0) and 'DELETED' or 'KEPT' }
    end
  end
  return { 'REUSED', '' }
end

local function is_full()
  return ARGV[6] ~= '' and session[4] and (tonumber(session[4]) > tonumber(ARGV[6]) or tonumber(session[5]) > tonumber(ARGV[7]))
end

if how == 'claim' then
  read_session()
  if is_others() then
    return { 'OWNER' }
  end
end
if standing and not state then
  return { 'UNKNOWN' }
end
local same = not state
for i = 8, #ARGV do
  same = same or ARGV[i] == said
end
if not same then
  return { 'REUSED', string.sub(held, 1, HEAD) }
end

local function write(letter, whose)
  redis.call('SET', key, letter .. ' ' .. whose .. ' ' .. digest .. ' ' .. payload, 'PX', ms)
end

if how == 'claim' then
  if state == 'a' and held ~= '' then
    return { 'ANSWERED', text(math.max(0, now - by)), said, held }
  elseif state == 'r' and not own then
    return { 'WAIT', text(redis.call('PTTL', key)) }
  end
  local found = found_turn() or (state == 'a' and { 'KEPT' }) or (is_full() and { 'FULL' })
  if found then
    return found
  end
  write('r', token)
  return { 'CLAIMED' }
end

if state == 'a' then
  return { 'STANDING', text(math.max(0, now - by)), said, held }
elseif not own then
  -- Another may have had the turn. Of who has appended it, nobody knows whether it was with this answer.
  read_session()
  local found = payload ~= '' and found_turn()
  if found then
    return found
  end
end
write('a', now_text)
return { own and 'ANSWERED' or 'LATE' }
