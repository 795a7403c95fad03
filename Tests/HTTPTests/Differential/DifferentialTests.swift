import Bytes
import HTTP
import HTTPModel
import Testing

/// The request parser beside h11, an independent implementation, on a few thousand good and spoilt requests.
@Suite("The request parser and h11") struct DifferentialTests {
    @Test("they agree, except where this one deliberately does not")
    func agreement() throws {
        let cases = RequestCorpus.handmade + RequestCorpus.cases(count: 15_000, seed: 1)
        let references = try H11.read(cases)
        #expect(references.count == cases.count)
        var tally = Tally()
        for (bytes, reference) in zip(cases, references) {
            if let difference = compare(bytes, reference, &tally) {
                let message = "\(difference)\n\(Specimen(bytes).text.debugDescription)\nh11: \(reference)"
                Issue.record(Comment(rawValue: message))
            }
        }
        // A corpus that is all bad, or all good, would compare nothing; a difference that never shows is a wrong entry.
        #expect(tally.bothComplete > 3000)
        #expect(tally.bothRefused > 3000)
        for refusal in DeliberateRefusal.all { #expect(tally.refusals.contains(refusal.error), "\(refusal.why)") }
        for acceptance in DeliberateAcceptance.all { #expect(tally.acceptances.contains(acceptance.why)) }
    }

    private struct Tally {
        var bothComplete = 0
        var bothRefused = 0
        var refusals: [HTTPParseError] = []
        var acceptances: Set<String> = []
    }

    /// What is wrong, or nil.
    private func compare(_ bytes: [UInt8], _ reference: H11Result, _ tally: inout Tally) -> String? {
        let read = RequestReader.read([bytes])
        let ours = read.requests.first
        // What comes after the first request is not h11's to judge here.
        let error = ours?.isComplete ?? false ? nil : read.error
        let specimen = Specimen(bytes)
        switch (error, reference.outcome) {
        case (.some, .refused):
            tally.bothRefused += 1
            return nil
        case (let error?, .complete), (let error?, .incomplete):
            guard let meant = DeliberateRefusal.all.first(where: { $0.error == error && $0.isBorneOut(specimen) })
            else {
                return "refused here: \(error)"
            }
            if !tally.refusals.contains(meant.error) { tally.refusals.append(meant.error) }
            return nil
        case (nil, .refused):
            let reason = reference.reason ?? ""
            let meant = DeliberateAcceptance.all.first { reason.contains($0.reason) && $0.isBorneOut(specimen) }
            guard let meant else { return "accepted here" }
            tally.acceptances.insert(meant.why)
            return nil
        case (nil, .incomplete):
            return ours?.isComplete ?? false ? "complete here" : compareParts(ours, reference)
        case (nil, .complete):
            guard let ours, ours.isComplete else { return "incomplete here" }
            tally.bothComplete += 1
            return compareParts(ours, reference) ?? compareEnds(bytes, ours, reference)
        }
    }

    private func compareParts(_ ours: ReadRequest?, _ reference: H11Result) -> String? {
        guard let ours, let method = reference.method else {
            return ours == nil && reference.method == nil ? nil : "only one has a head"
        }
        if ours.method != method { return "method \(ours.method)" }
        if Array(ours.target.utf8) != Array((reference.target ?? "").unicodeScalars.map { UInt8($0.value) }) {
            return "target \(ours.target)"
        }
        // Where h11 tells a later 1.x, ours is 1.1.
        if (ours.version == .http10) != (reference.version == "1.0") { return "version \(ours.version)" }
        let names = ours.fields.map { $0[0].lowercased() }
        if names != reference.fields?.map({ $0[0] }) { return "fields \(names)" }
        let body = ours.body.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return body == reference.body ? nil : "body \(body)"
    }

    /// Values byte by byte, and where the request ended.
    private func compareEnds(_ bytes: [UInt8], _ ours: ReadRequest, _ reference: H11Result) -> String? {
        var parser = RequestParser()
        var head = RequestHead()
        guard let length = try? parser.parse(bytes.rawSpan, into: &head) else { return "not parsed again" }
        for (position, field) in (reference.fields ?? []).enumerated() {
            var value = Specimen.latin1(Array(copying: head.fields.value(at: position)))
            // h11 writes codings in lower case.
            if head.fields.knownName(at: position) == .transferEncoding { value = value.lowercased() }
            if value != field[1] { return "value \(value)" }
        }
        var decoder = BodyDecoder(head.framing)
        var position = length
        while !decoder.isComplete {
            guard let step = try? decoder.decode(bytes.rawSpan.extracting(position..<bytes.count)) else {
                return "body not read again"
            }
            position += step.consumed
        }
        return bytes.count - position == reference.left ? nil : "ends at \(position)"
    }
}
