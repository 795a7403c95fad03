/// The version of every program of this package.
package enum Version {
    package static let major = 0
    package static let minor = 1
    package static let revision = 0

    package static let text = "\(major).\(minor).\(revision)"
}
