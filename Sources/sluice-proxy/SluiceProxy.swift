import Glibc
import Proxy

@main
enum SluiceProxy {
    static func main() {
        exit(ProxyProgram.run(arguments: Array(CommandLine.arguments.dropFirst())))
    }
}
