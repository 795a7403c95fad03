import Testing

@testable import Proxy
@testable import Service

@Suite("The command line")
struct CommandLineOptionsTests {
    @Test("gives options their arguments, attached or as the next word")
    func arguments() {
        for words in [["--loops", "3", "--env-file", "a=b"], ["--env-file=a=b", "--loops=3"]] {
            let options = CommandLineOptions(parsing: words)
            #expect(options.mistakes.isEmpty)
            #expect(options.purpose == .run)
            #expect(options.environmentFile == "a=b")
            #expect(options.settings.map { "\($0.variable) \($0.option) \($0.value)" } == ["PROXY_LOOPS --loops 3"])
        }
    }

    @Test(
        "asks for something else than running",
        arguments: [
            ([], CommandLineOptions.Purpose.run), (["--help"], .help), (["-h"], .help), (["--version"], .version),
            (["--print-configuration-reference"], .reference), (["--loops", "x", "--version", "--help"], .version),
            (["--wrong", "--help"], .help),
        ])
    func purposes(words: [String], purpose: CommandLineOptions.Purpose) {
        #expect(CommandLineOptions(parsing: words).purpose == purpose)
    }

    @Test(
        "is refused with the nearest option",
        arguments: [
            (["--loop", "3"], ["--loop is not known; did you mean --loops?", #""3": is not an option"#]),
            (["--env-fiel=x"], ["--env-fiel is not known; did you mean --env-file?"]),
            (["-v"], ["-v is not known"]),
            (["--"], ["-- is not known"]),
            (["--verbose"], ["--verbose is not known"]),
            (["start"], [#""start": is not an option"#]),
            ([""], [#""": is not an option"#]),
            (["--loops"], ["--loops: needs an argument: --loops N"]),
            (["--loops="], ["--loops: needs an argument: --loops N"]),
            (["--env-file"], ["--env-file: needs an argument: --env-file PATH"]),
            (["--ready-fd=x"], [#"--ready-fd: "x" is not an open descriptor above 2"#]),
            (["--ready-fd=2"], [#"--ready-fd: "2" is not an open descriptor above 2"#]),
            (["--ready-fd=987654"], [#"--ready-fd: "987654" is not an open descriptor above 2"#]),
            (["--help=all"], ["--help: takes no argument"]),
            (["--loops", "1", "--loops", "2"], ["--loops: is given twice"]),
        ])
    func mistakes(words: [String], expected: [String]) {
        let options = CommandLineOptions(parsing: words)
        #expect(options.mistakes.map(\.description) == expected)
        let error = #expect(throws: ConfigurationMistakes.self) {
            try ProxyConfiguration.parse(environment: [:], options: options)
        }
        #expect(error?.mistakes == options.mistakes)
    }

    @Test("sets only variables that there are")
    func variables() {
        let known = Variables.all.map(\.name)
        for option in CommandLineOption<ProxyOptionMeaning>.all {
            if case .sets(let variable) = option.meaning { #expect(known.contains(variable)) }
        }
    }
}
