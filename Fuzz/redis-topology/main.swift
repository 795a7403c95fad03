import FuzzDriver
import RedisModel

fuzz { input in
    do {
        try checkTopology(input)
    } catch {
        fatalError("\(error)")
    }
}
