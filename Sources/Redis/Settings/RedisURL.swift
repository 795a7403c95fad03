package import Reactor
import Telemetry

/// Which servers there are, and how they belong together.
package enum RedisDeployment: Sendable, Equatable {
    case single(RedisEndpoint)
    /// Sentinels, which know where the primary called `master` is.
    case sentinel([RedisEndpoint], master: String)
    /// Some nodes of a cluster, which know the others.
    case cluster([RedisEndpoint])
}

/// What a URL says of Redis:
///
///     redis://[user][:password]@host[:port][/database]
///     redis+sentinel://[user][:password]@host[:port],…/master[/database][?sentinel_user=…&sentinel_password=…]
///     redis+cluster://[user][:password]@host[:port],…
///
/// and the same with `rediss`, for TLS, which takes `?ca=FILE`, `?verify=full|none` and `?servername=NAME`. Users,
/// passwords and values of options are percent-encoded where they have to be. Pure: no file is read.
package struct RedisURL: Sendable {
    /// Bounds of what is read.
    package struct Limits: Sendable {
        package var maximumBytes = 4_096
        /// Hosts of one URL.
        package var maximumHosts = 32

        package init() {}
    }

    /// What TLS is to be like.
    package struct Security: Sendable, Equatable {
        /// A file of the authorities that are trusted; the system's where it is nil.
        package var authorities: String?
        package var verification = TLSClientConfiguration.Verification.full
        /// What certificates shall say, in place of the host.
        package var serverName: String?

        package init() {}
    }

    package var deployment: RedisDeployment
    package var credentials: RedisCredentials?
    /// A user without a password, which has to come from elsewhere; nil with `credentials`.
    package var user: String?
    /// For the sentinels themselves.
    package var sentinelCredentials: RedisCredentials?
    package var database = 0
    /// Nil without TLS.
    package var security: Security?

    package init(_ deployment: RedisDeployment) { self.deployment = deployment }
}

/// What is wrong with a URL. It says where, and nothing of what is there: a password may be in any place.
package enum RedisURLError: Error, Equatable, Sendable {
    package enum Part: String, Sendable {
        case user, password, master, database, option
    }

    case oversized(maximum: Int)
    case scheme
    case malformed(Part)
    /// Of the hosts, from 1 on.
    case malformedHost(number: Int)
    case malformedPort(number: Int)
    case tooManyHosts(maximum: Int)
    /// More than one without Sentinel and Cluster.
    case severalHosts
    case missingMaster
    /// There is an `@` behind the hosts, as where a `/` of a password stands as it is.
    case userBehindSlash
    /// Of the sentinels: theirs can come from nowhere else.
    case userWithoutPassword
    /// A cluster has the database 0 alone.
    case databaseOfCluster
    /// More follows than a path or a query of this kind has.
    case excess
    case unknownOption(number: Int)
    case repeatedOption(number: Int)
    /// It is for TLS, and the scheme is not.
    case optionWithoutTLS(number: Int)
    /// It is for Sentinel, and the scheme is not.
    case optionWithoutSentinel(number: Int)
}

extension RedisURLError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .oversized(let maximum): "longer than \(maximum) bytes"
        case .scheme:
            "the scheme is none of redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster, rediss+cluster"
        case .malformed(let part): "the \(part.rawValue) is malformed"
        case .malformedHost(let number): "host \(number) is neither a name nor an address"
        case .malformedPort(let number): "the port of host \(number) is not a number from 1 to 65535"
        case .tooManyHosts(let maximum): "more than \(maximum) hosts"
        case .severalHosts: "several hosts, which only Sentinel and Cluster have"
        case .missingMaster: "the name of Sentinel's master is missing: /master behind the hosts"
        case .userBehindSlash: "an @ behind the first slash: a / of a user or password is written %2F, an @ %40"
        case .userWithoutPassword: "a user of the sentinels without a password"
        case .databaseOfCluster: "a cluster has no databases but 0"
        case .excess: "something follows that has no meaning"
        case .unknownOption(let number): "option \(number) is unknown"
        case .repeatedOption(let number): "option \(number) is there already"
        case .optionWithoutTLS(let number): "option \(number) is for TLS, which the scheme rediss is for"
        case .optionWithoutSentinel(let number): "option \(number) is for Sentinel alone"
        }
    }
}
