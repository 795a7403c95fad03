/// The cipher suites offered, in OpenSSL's notation. TLS 1.3 suites are all sound and are not named here.
package enum TLSCiphers {
    /// For TLS 1.2: forward secrecy and authenticated encryption only.
    package static let modern = "ECDHE+AESGCM:ECDHE+CHACHA20"
}
