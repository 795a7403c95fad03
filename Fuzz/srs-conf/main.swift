import FuzzDriver
import OriginModel

fuzz { input in
    do {
        try checkConfiguration(input)
    } catch {
        fatalError("\(error)")
    }
}
