import Glibc
import Origin

@main
enum SluiceOrigin {
    static func main() {
        exit(OriginProgram.run(arguments: Array(CommandLine.arguments.dropFirst())))
    }
}
