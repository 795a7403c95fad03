import Bytes
import HTTP
import TestKit
import Testing

@Suite("ByteRanges") struct ByteRangesTests {
    @Test(
        "a range is resolved against the length",
        arguments: [
            ("bytes=0-4", 10, ByteRanges.single(0..<5)), ("bytes=5-", 10, .single(5..<10)),
            ("bytes=-3", 10, .single(7..<10)),
            ("bytes=-30", 10, .single(0..<10)), ("bytes=0-99", 10, .single(0..<10)), ("BYTES=9-9", 10, .single(9..<10)),
            ("bytes= 1-2 ", 10, .single(1..<3)), ("bytes=0-0,", 10, .single(0..<1)),
            ("bytes=0-99999999999999999999999", 10, .single(0..<10)),
            ("bytes=-99999999999999999999999", 10, .single(0..<10)),
            ("bytes=10-", 10, .unsatisfiable), ("bytes=10-12", 10, .unsatisfiable), ("bytes=-0", 10, .unsatisfiable),
            ("bytes=99999999999999999999-", 10, .unsatisfiable), ("bytes=0-", 0, .unsatisfiable),
            ("bytes=-1", 0, .unsatisfiable),
        ])
    func single(value: String, length: Int, expected: ByteRanges) {
        #expect(ByteRanges(value.bytes.rawSpan, length: length) == expected)
    }

    @Test(
        "several ranges keep their order, and those that touch are joined",
        arguments: [
            ("bytes=0-1,4-5", ByteRanges.multiple([0..<2, 4..<6])), ("bytes=8-9, 0-1", .multiple([8..<10, 0..<2])),
            ("bytes=0-1,2-3", .single(0..<4)), ("bytes=0-5,3-9", .single(0..<10)), ("bytes=0-,0-,0-", .single(0..<10)),
            ("bytes=0-1,50-60", .single(0..<2)), ("bytes=50-60,70-", .unsatisfiable),
            ("bytes=0-1,1-2,6-7", .multiple([0..<3, 6..<8])), ("bytes=6-7,-1,0-0", .multiple([6..<8, 9..<10, 0..<1])),
        ])
    func several(value: String, expected: ByteRanges) {
        #expect(ByteRanges(value.bytes.rawSpan, length: 10) == expected)
    }

    @Test(
        "what cannot be read is ignored",
        arguments: [
            "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=1", "bytes=4-3", "bytes=1-2-3",
            "bytes=1 -2", "bytes=+1-2",
            "items=0-1", "bytes 0-1", "bytes=0-1,x",
        ])
    func ignored(value: String) { #expect(ByteRanges(value.bytes.rawSpan, length: 10) == .whole) }

    @Test("more ranges than the bound are ignored")
    func bounded() {
        let value = "bytes=0-0,2-2,4-4"
        #expect(ByteRanges(value.bytes.rawSpan, length: 10, maximumCount: 3) == .multiple([0..<1, 2..<3, 4..<5]))
        #expect(ByteRanges(value.bytes.rawSpan, length: 10, maximumCount: 2) == .whole)
    }

    @Test(
        "Content-Range names the last byte",
        arguments: [
            (0..<1, "bytes 0-0/10"), (5..<10, "bytes 5-9/10"), (nil, "bytes */10"),
        ] as [(Range<Int>?, String)])
    func contentRange(range: Range<Int>?, expected: String) {
        var output = ByteWriter()
        ByteRanges.appendContentRange(range, of: 10, to: &output)
        #expect(text(output.bytes) == expected)
    }

    @Test("a multipart body is as long as it was said to be")
    func multipart() throws {
        let parts = try #require(MultipartByteRanges(boundary: "b0", contentType: "video/mp4", length: 10))
        let content = "0123456789"
        var output = ByteWriter()
        let ranges = [0..<2, 8..<10]
        for range in ranges {
            parts.appendHeader(range, to: &output)
            output.append(content.bytes.rawSpan.extracting(range))
        }
        parts.appendEnd(to: &output)
        #expect(
            text(output.bytes) == """
                \r
                --b0\r
                Content-Type: video/mp4\r
                Content-Range: bytes 0-1/10\r
                \r
                01\r
                --b0\r
                Content-Type: video/mp4\r
                Content-Range: bytes 8-9/10\r
                \r
                89\r
                --b0--\r

                """)
        #expect(parts.responseContentType == "multipart/byteranges; boundary=b0")
        #expect(MultipartByteRanges(boundary: "a b", contentType: "x", length: 1) == nil)
        #expect(MultipartByteRanges(boundary: "a", contentType: "x\r\n", length: 1) == nil)
    }
}
