import RTMPModel
import FuzzDriver

fuzz { input in
    do {
        try checkAMF(input)
    } catch {
        fatalError("\(error)")
    }
}
