import FuzzDriver
import RTMPModel

fuzz { input in
    do {
        try checkAMF(input)
    } catch {
        fatalError("\(error)")
    }
}
