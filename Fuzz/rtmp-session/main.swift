import FuzzDriver
import RTMPModel

fuzz { input in
    do {
        try checkSession(input)
    } catch {
        fatalError("\(error)")
    }
}
