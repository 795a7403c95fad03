import FuzzDriver
import ProxyModel

fuzz { input in
    do {
        try checkSlices(input)
    } catch {
        fatalError("\(error)")
    }
}
