import RTMP

extension ConnectRequest {
    /// The property that names the proxies which the session has come through, the first one first, parted by commas. A
    /// text: every server can pass over one.
    static let passageProperty = "sluiceVia"
    /// More than the names of as many proxies as there may be.
    private static let maximumPassageBytes = 512

    /// The proxies that it has come through.
    func passage() throws(PassageFault) -> [String] {
        guard let text = properties[Self.passageProperty]?.string else { return [] }
        guard text.utf8.count <= Self.maximumPassageBytes else { throw .length }
        return text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }

    /// The same for the origin.
    func passed(on mark: PassageMark, behind names: [String]) -> ConnectRequest {
        var request = self
        request.properties[Self.passageProperty] = .string(AMFString((names + [mark.name]).joined(separator: ",")))
        return request
    }
}
