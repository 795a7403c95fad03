import FuzzDriver
import HTTPModel

fuzz { input in
    do {
        try checkHTTP(input)
    } catch {
        fatalError("\(error)")
    }
}
