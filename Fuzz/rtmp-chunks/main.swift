import FuzzDriver
import RTMPModel

fuzz { input in
    do {
        try checkChunks(input)
    } catch {
        fatalError("\(error)")
    }
}
