package import Redis

extension ProxyConfiguration.Redis {
    /// The URL, or what the single variables say. A URL without a password gets theirs: so one can be a secret, and the
    /// other be read by everybody.
    package var location: RedisURL {
        var location = url ?? single
        if location.credentials == nil, let password {
            location.credentials = RedisCredentials(user: location.user ?? user, password: password)
            location.user = nil
        }
        return location
    }

    private var single: RedisURL {
        var single = RedisURL(.single(RedisEndpoint(host, port: port)))
        single.database = database
        return single
    }

    /// Whether there is a user whose password is nowhere.
    var hasUserAlone: Bool {
        let location = location
        return location.credentials == nil && (location.user ?? user) != nil
    }
}
