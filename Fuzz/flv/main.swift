import FuzzDriver
import MediaModel

fuzz { input in
    do {
        try checkMedia(input)
    } catch {
        fatalError("\(error)")
    }
}
