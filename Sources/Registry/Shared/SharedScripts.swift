import Redis

/// What is done to a shared table, each in one go by the server. See `SharedTable` for the keys.
///
/// All are given the table's five keys, then the channel of its notices, its name, and for how many milliseconds its
/// keys outlive the last change; what else they are given stands with each.
///
/// Versions are the server's time in microseconds, and each is higher than the one before whatever the clock does: so
/// they rise even where a failover, or the end of all keys, has lost the last one.
enum SharedScripts {
    private static let prelude = """
        local values, leases, versions, gone, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
        local channel, name, keep = ARGV[1], ARGV[2], ARGV[3]
        local time = redis.call('TIME')
        local micros = time[1] * 1000000 + time[2]
        local millis = math.floor(micros / 1000)

        local function digits(number) return string.format('%.0f', number) end

        -- A number that is noted there; what no script has noted is nothing.
        local function noted(field)
            local number = tonumber(redis.call('HGET', meta, field) or 0)
            return number and number >= 0 and number < 9007199254740992 and number or 0
        end

        -- While nobody came to look nobody could renew: no lease runs meanwhile.
        local seen = noted('seen')
        if seen == 0 or seen > millis then seen = millis end
        if millis - seen > 12000 then
            for _, member in ipairs(redis.call('ZRANGEBYSCORE', leases, digits(seen), '+inf')) do
                redis.call('ZINCRBY', leases, digits(millis - seen), member)
            end
        end
        if millis - seen > 2000 then redis.call('HSET', meta, 'seen', digits(millis)) end

        local function outlive()
            for index = 1, 5 do redis.call('PEXPIRE', KEYS[index], keep) end
        end

        local function step()
            local before = noted('last')
            local version = math.max(before + 1, micros)
            redis.call('HSET', meta, 'last', digits(version), 'seen', digits(millis))
            if before == 0 then redis.call('HSET', meta, 'born', digits(version)) end
            return before, version
        end

        local function tell(before, version, sign, member, value)
            redis.call('PUBLISH', channel,
                name .. ' ' .. digits(before) .. ' ' .. digits(version) .. ' ' .. sign .. #member .. ' ' .. member .. value)
        end

        local function put(member, value, lease, before, version, silent)
            redis.call('HSET', values, member, value)
            redis.call('ZADD', leases, digits(millis + lease), member)
            redis.call('ZADD', versions, digits(version), member)
            redis.call('ZREM', gone, member)
            if not silent then tell(before, version, '+', member, value) end
        end

        -- Members that are gone, with their versions: who has not asked since is given everything.
        local function forget(members)
            if #members == 0 then return end
            local floor = members[#members]
            redis.call('ZREMRANGEBYSCORE', gone, '-inf', floor)
            redis.call('HSET', meta, 'floor', floor)
            for index = 1, #members, 2 do redis.call('HDEL', meta, 'out ' .. members[index]) end
        end

        local function remove(member)
            local before, version = step()
            redis.call('HDEL', values, member)
            redis.call('ZREM', leases, member)
            redis.call('ZREM', versions, member)
            redis.call('ZADD', gone, digits(version), member)
            if redis.call('ZCARD', gone) > 20000 then forget(redis.call('ZRANGE', gone, 0, 999, 'WITHSCORES')) end
            tell(before, version, '-', member, '')
            return version
        end

        local function lives(member)
            return tonumber(redis.call('ZSCORE', leases, member) or 0) > millis
        end

        """

    /// Writes that somebody has come to look, and publishes what is no notice: whether the server takes anything.
    static let look = RedisScript(
        prelude + """
            redis.call('PUBLISH', channel, '')
            redis.call('HSET', meta, 'seen', digits(millis))
            outlive()
            return 0
            """)

    /// Since which version: answers with the server's microseconds, the last version and the first, whether what
    /// follows is all there is, the members that have changed with their values, and those that are gone. Ends what has
    /// not been renewed.
    static let read = RedisScript(
        prelude + """
            local since = tonumber(ARGV[4])
            local swept = redis.call('ZRANGEBYSCORE', leases, '-inf', digits(millis), 'LIMIT', 0, 100)
            for _, member in ipairs(swept) do remove(member) end
            if #swept > 0 then outlive() end
            -- Who has not asked for five minutes is given everything.
            forget(redis.call('ZRANGEBYSCORE', gone, '-inf', digits(micros - 300000000), 'LIMIT', 0, 1000, 'WITHSCORES'))
            local last, floor, born = noted('last'), noted('floor'), noted('born')
            if since == 0 or since < floor or since < born or since > last then
                return {digits(micros), digits(last), digits(born), 1, redis.call('HGETALL', values),
                    redis.call('ZRANGE', gone, 0, -1)}
            end
            local from = '(' .. ARGV[4]
            local changed = {}
            for _, member in ipairs(redis.call('ZRANGEBYSCORE', versions, from, '+inf')) do
                changed[#changed + 1] = member
                changed[#changed + 1] = redis.call('HGET', values, member)
            end
            return {digits(micros), digits(last), digits(born), 0, changed, redis.call('ZRANGEBYSCORE', gone, from, '+inf')}
            """)

    /// Member, value, lease in milliseconds, whether it is told again: has it, whatever was there; if it is told again,
    /// only where nobody has taken it out meanwhile.
    static let set = RedisScript(
        prelude + """
            if ARGV[7] == '1' and redis.call('ZSCORE', gone, ARGV[4]) then return 0 end
            local before, version = step()
            put(ARGV[4], ARGV[5], ARGV[6], before, version)
            outlive()
            return digits(version)
            """)

    /// Member: takes it out. Others are told so of one that is not there as well: they may have it, and put it back.
    static let remove = RedisScript(
        prelude + """
            local version = remove(ARGV[4])
            outlive()
            return digits(version)
            """)

    /// Origin, how many milliseconds ago that was ordered, the instance that is meant, if not any: takes it out, unless
    /// it has beaten since or another instance has begun; then the answer is 0, else the version.
    static let deregister = RedisScript(
        prelude + """
            local member, ordered = ARGV[4], millis - ARGV[5]
            local held = redis.call('HGET', values, member)
            local beaten, instance = string.match(held or '', '^(%d+) ([^\\n]*)\\n')
            if beaten and (tonumber(beaten) > ordered or (ARGV[6] ~= '' and ARGV[6] ~= instance)) then return 0 end
            -- Others may tell later of a beat before that.
            redis.call('HSET', meta, 'out ' .. member, digits(ordered) .. ' ' .. ARGV[6])
            local version = remove(member)
            outlive()
            return digits(version)
            """)

    /// Origin, instance, state, what else is known of it, lease in milliseconds, whether others have to hear of it at
    /// once, how many milliseconds ago it was: takes a heartbeat that is no farewell. A value is the time of the beat
    /// in milliseconds, the instance, and what is known. Answers -1 where the origin was taken out after it.
    static let beat = RedisScript(
        prelude + """
            local member, instance, state = ARGV[4], ARGV[5], ARGV[6]
            local held = lives(member) and redis.call('HGET', values, member)
            local silent = ARGV[9] ~= '1'
            local beaten = millis - ARGV[10]
            if beaten < millis then
                if held and tonumber(string.match(held, '^%d+')) >= beaten then return 0 end
                local ordered, meant = string.match(redis.call('HGET', meta, 'out ' .. member) or '0 ', '^(%d+) (.*)$')
                if beaten < tonumber(ordered or 0) and (meant == '' or meant == instance) then return -1 end
            end
            if held and string.match(held, '^%d+ ([^\\n]*)\\n') ~= instance then
                if state ~= 'serving' then return 0 end
                held = false
            end
            local before, version = step()
            if not held then redis.call('HDEL', meta, 'out ' .. member) end
            put(member, digits(beaten) .. ' ' .. instance .. '\\n' .. ARGV[7], ARGV[8], before, version, held and silent)
            outlive()
            return digits(version)
            """)

    /// Stream, owner, lease in milliseconds, `publish` or `resume`, an epoch that is known to be dead, the microsecond
    /// up to which it is wanted, if any, an origin that cannot be reached, if any, the milliseconds of lease with which
    /// its claims stay: ties the stream to the owner and answers 1 and the epoch, or answers 0 and who has it, or
    /// nobody where it is too late. A value is the epoch and the owner, whose first line is the origin.
    static let claim = RedisScript(
        prelude + """
            local member, owner = ARGV[4], ARGV[5]
            -- It was sent before the server stood still; by now the stream may have been granted apart, or given back.
            if ARGV[9] ~= '' and micros > tonumber(ARGV[9]) then return {0, ''} end
            local function origin(owner) return string.match(owner, '^[^\\n]*') end
            local held = lives(member) and redis.call('HGET', values, member)
            if held then
                local epoch, holder = string.match(held, '^(%d+) (.*)$')
                -- An origin decides between its own publishers, and what an earlier start of it had is gone.
                local isOwn = ARGV[7] == 'publish' and origin(holder) == origin(owner)
                local left = redis.call('ZSCORE', leases, member) - millis
                local isLeft = ARGV[10] ~= '' and origin(holder) == ARGV[10] and left < tonumber(ARGV[11])
                if not isOwn and not isLeft and epoch ~= ARGV[8] then return {0, held} end
            end
            local before, version = step()
            put(member, digits(version) .. ' ' .. owner, ARGV[6], before, version)
            outlive()
            return {1, digits(version)}
            """)

    /// Lease in milliseconds, then stream, epoch and owner of each: begins their leases anew, and answers with the
    /// number of each that is lost and who has it instead, if anybody. What the server has lost is put back; of two
    /// claims that were granted while nobody could ask, the later one stays.
    static let renew = RedisScript(
        prelude + """
            local lost = {}
            for index = 5, #ARGV, 3 do
                local member, epoch, owner = ARGV[index], ARGV[index + 1], ARGV[index + 2]
                local held = redis.call('HGET', values, member)
                local current = held and string.match(held, '^%d+')
                local isLive = held and lives(member)
                if isLive and current == epoch then
                    redis.call('ZADD', leases, digits(millis + ARGV[4]), member)
                elseif (isLive and tonumber(current) < tonumber(epoch))
                    or (not held and not redis.call('ZSCORE', gone, member)) then
                    local before, version = step()
                    put(member, epoch .. ' ' .. owner, ARGV[4], before, version)
                else
                    lost[#lost + 1] = (index - 5) / 3
                    lost[#lost + 1] = isLive and held or ''
                end
            end
            outlive()
            return lost
            """)

    /// How many there may be, then member, value and lease in milliseconds of each: has them, each in place of the one
    /// that ends first where there is no room. Answers how many have given way before their time.
    static let remember = RedisScript(
        prelude + """
            local evicted = 0
            for index = 5, #ARGV, 3 do
                local member, value, lease = ARGV[index], ARGV[index + 1], ARGV[index + 2]
                local held = redis.call('HGET', values, member)
                if held == value then
                    local ends = tonumber(redis.call('ZSCORE', leases, member) or 0)
                    redis.call('ZADD', leases, digits(math.max(ends, millis + lease)), member)
                else
                    local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
                    if not held and first[1] and redis.call('HLEN', values) >= tonumber(ARGV[4]) then
                        if tonumber(first[2]) > millis then evicted = evicted + 1 end
                        remove(first[1])
                    end
                    local before, version = step()
                    put(member, value, lease, before, version)
                end
            end
            outlive()
            return evicted
            """)

    /// Member and value: takes it out where it still has that.
    static let forget = RedisScript(
        prelude + """
            if redis.call('HGET', values, ARGV[4]) == ARGV[5] then
                remove(ARGV[4])
                outlive()
            end
            return 0
            """)

    /// Stream and epoch of each: ends those that are still there.
    static let release = RedisScript(
        prelude + """
            for index = 4, #ARGV, 2 do
                local held = redis.call('HGET', values, ARGV[index])
                if held and string.match(held, '^%d+') == ARGV[index + 1] then remove(ARGV[index]) end
            end
            outlive()
            return 0
            """)
}
