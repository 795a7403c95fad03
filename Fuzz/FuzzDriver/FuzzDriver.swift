import Glibc

/// libFuzzer's entry, which leaves `main` to the program; `-sanitize=fuzzer` links it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ check: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// libFuzzer takes a C function, which carries no context: what it calls waits here. Set once, before the first input.
private nonisolated(unsafe) var current: (([UInt8]) -> Void)?

/// Runs `check` on input after input, as the command line says; a trap in it is a finding, returning is not.
package func fuzz(_ check: @escaping ([UInt8]) -> Void) -> Never {
    current = check
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    let code = runDriver(&count, &arguments) { start, length in
        current?(Array(UnsafeBufferPointer(start: start, count: length)))
        return 0
    }
    exit(code)
}
