import FuzzDriver
import RTMPModel

fuzz { input in
    do {
        try checkHandshake(input)
    } catch {
        fatalError("\(error)")
    }
}
