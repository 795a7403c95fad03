import Redis
import Service

extension ValueKind<RedisURL> {
    /// It may hold passwords, and is shown to nobody.
    static var redisURL: ValueKind {
        ValueKind(
            forms: "URL with redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster or rediss+cluster",
            isSecret: true,
            parse: { (text) throws(InvalidValue) in
                do throws(RedisURLError) {
                    return try RedisURL(text)
                } catch {
                    throw .breaks(rule: "is not a URL of Redis: \(error)")
                }
            },
            show: { _ in .redacted }
        )
    }
}
